"""Run by `imports.py` under Airflow: imports plugins and DAG files from a laid-out package, and prints what it took."""

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any


def timed(file: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """One import: seconds, and what was found or the error."""
    cpu, start = time.process_time(), time.monotonic()
    try:
        found = read()
    except Exception:
        found = {"error": traceback.format_exc()}
    seconds = {"cpu": time.process_time() - cpu, "seconds": time.monotonic() - start}
    return {"file": file, **seconds, "dags": [], **found}


def read_plugins(home: Path) -> dict[str, Any]:
    """Load every plugin as Airflow does at its start."""
    from airflow import plugins_manager

    plugins_manager.ensure_plugins_loaded()
    import anthill

    if not Path(anthill.__file__).is_relative_to(home):
        raise ImportError(f"anthill was imported from {anthill.__file__}, not from the package")
    return {"error": "\n".join(f"{file}: {error}" for file, error in plugins_manager.get_import_errors().items())}


def read_dags(path: Path) -> dict[str, Any]:
    """Parse one DAG file."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(path))
    read = [module for module in list(sys.modules.values()) if getattr(module, "__file__", None) == str(path)]
    off = any(getattr(module, "dag", path) is None for module in read)
    return {"dags": sorted(bag.dags), "error": "\n".join(bag.import_errors.values()), "off": off}


def read_airflow() -> dict[str, Any]:
    """What every file stands on: it tells how fast this machine is just now."""
    import airflow.sdk  # noqa: F401

    return {}


def imports(home: Path) -> Iterator[dict[str, Any]]:
    """Airflow first, for its imports are no file's own; then plugins, for DAG files stand on them."""
    yield timed("airflow", read_airflow)
    yield timed("plugins.zip", lambda: read_plugins(home))
    for path in sorted((home / "dags").rglob("*.py")):
        yield timed(f"dags/{path.relative_to(home / 'dags')}", partial(read_dags, path))


if __name__ == "__main__":
    print(json.dumps([*imports(Path(sys.argv[1]))]))
