"""A Python environment as on MWAA: what its image brings, then requirements.txt by pip; nothing of this checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from delivery import wheels

# Of what MWAA's image brings before anybody's requirements, the parts that DAGs can meet; their versions are its pins.
IMAGE = ("apache-airflow[celery,statsd]", "apache-airflow-providers-amazon", "psycopg2-binary", "watchtower")
CONSTRAINTS = "/usr/local/airflow/dags/constraints.txt"
LONGEST = 540  # seconds that MWAA gives the installation


class MwaaError(RuntimeError):
    """The environment could not be made; the message has the end of what pip said."""


def environment(package: Path, home: Path, cache: Path, uv: str = "uv") -> Path:
    """The Python of the environment for a package's requirements, made once and kept in `cache` for the next time.

    The package is laid out in `home`; where it brings its wheels, pip is told of nothing else.
    """
    requirements, constraints = (package / name for name in ("requirements.txt", "dags/constraints.txt"))
    said = "\n".join([*IMAGE, wheels.PYTHON, requirements.read_text(), constraints.read_text()])
    folder = cache / hashlib.sha256(said.encode()).hexdigest()[:16]
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    shutil.rmtree(cache, ignore_errors=True)  # of other requirements: 700 MB each
    cache.mkdir(parents=True)
    _run(uv, "venv", "--quiet", "--seed", "--python", wheels.python(), str(folder))
    _run(uv, "pip", "install", "--quiet", "--python", str(python), "--constraint", str(constraints), *IMAGE)
    there = cache / "requirements.txt"
    text = requirements.read_text().replace(CONSTRAINTS, str(constraints))
    there.write_text(text.replace(wheels.THERE, str(home / "plugins" / wheels.FOLDER)))
    start = time.monotonic()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(there)]
    _run(*pip, environment=_without_index() if wheels.is_offline(text) else None)
    (folder / "ready").write_text(f"{time.monotonic() - start:.0f}")
    return python


def seconds(python: Path) -> int:
    """How long pip took over requirements.txt when the environment was made."""
    return int((python.parents[1] / "ready").read_text())


def _without_index() -> dict[str, str]:
    """This process's variables without whatever names an index, and pip's refusal to ask one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return {**kept, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MwaaError(
            f"{' '.join(command[:4])} … ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}"
        )
