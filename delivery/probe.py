"""Run by `imports.py` under Airflow: imports plugins and DAG files from a laid-out package, and prints what it took."""

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any


def timed(file: str, read: Callable[[], tuple[list[str], str]]) -> dict[str, Any]:
    """One import: seconds, DAG ids and error."""
    cpu, start = time.process_time(), time.monotonic()
    try:
        dags, error = read()
    except Exception:
        dags, error = [], traceback.format_exc()
    seconds = {"cpu": time.process_time() - cpu, "seconds": time.monotonic() - start}
    return {"file": file, **seconds, "dags": dags, "error": error}


def read_plugins(home: Path) -> tuple[list[str], str]:
    """Load every plugin as Airflow does at its start."""
    from airflow import plugins_manager

    plugins_manager.ensure_plugins_loaded()
    import anthill

    if not Path(anthill.__file__).is_relative_to(home):
        raise ImportError(f"anthill was imported from {anthill.__file__}, not from the package")
    return [], "\n".join(f"{file}: {error}" for file, error in plugins_manager.get_import_errors().items())


def read_dags(path: Path) -> tuple[list[str], str]:
    """Parse one DAG file."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(path))
    return sorted(bag.dags), "\n".join(bag.import_errors.values())


def read_airflow() -> tuple[list[str], str]:
    """What every file stands on: it tells how fast this machine is just now."""
    import airflow.sdk  # noqa: F401

    return [], ""


def imports(home: Path) -> Iterator[dict[str, Any]]:
    """Airflow first, for its imports are no file's own; then plugins, for DAG files stand on them."""
    yield timed("airflow", read_airflow)
    yield timed("plugins.zip", lambda: read_plugins(home))
    for path in sorted((home / "dags").rglob("*.py")):
        yield timed(f"dags/{path.relative_to(home / 'dags')}", partial(read_dags, path))


if __name__ == "__main__":
    print(json.dumps([*imports(Path(sys.argv[1]))]))
