"""What happens when Airflow reads a package: imports that fail or take long, and the DAGs that come of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.artefacts import DAGS, PLUGINS

# Airflow gives a DAG file 30 s (`core.dagbag_import_timeout`), and parses every file again and again on MWAA's
# scheduler: a file of seconds of CPU starves the others long before. A machine on which Airflow itself takes longer
# to import is slow or busy, and says nothing against a file that takes less than Airflow.
CPU_SECONDS = 2.0
SECONDS = 15.0


@dataclass(frozen=True)
class Import:
    """One file as it was imported: its seconds, the DAGs that it declares, the error where there was one.

    `off` says that its `dag` is None: what it is about is not declared here.
    """

    file: str
    cpu: float
    seconds: float
    dags: tuple[str, ...] = ()
    error: str = ""
    off: bool = False


@dataclass(frozen=True)
class Imports:
    """Every file that Airflow imports from a package."""

    files: tuple[Import, ...]
    airflow: Import = Import("airflow", 0, 0)

    @property
    def dags(self) -> tuple[str, ...]:
        """The ids of all DAGs."""
        return tuple(sorted(dag for file in self.files for dag in file.dags))

    def refusals(self) -> list[str]:
        """Every reason against the package."""
        return [*self._refusals()]

    def _refusals(self) -> Iterator[str]:
        cpu, seconds = max(CPU_SECONDS, self.airflow.cpu), max(SECONDS, self.airflow.seconds)
        for file in self.files:
            if file.error:
                yield f"{file.file} cannot be imported: {file.error.strip().splitlines()[-1]}\n{file.error.strip()}"
            elif file.cpu > cpu or file.seconds > seconds:
                yield (
                    f"{file.file} takes {file.seconds:.1f} s to import, {file.cpu:.1f} s of them CPU, more than"
                    f" {seconds:.0f} s or {cpu:.0f} s CPU: import what is heavy inside the task"
                )
            elif file.file.startswith(DAGS) and not file.dags and not file.off:
                yield f"{file.file} declares no DAG: move it into the package, or name it in dags/.airflowignore"
        if len(self.dags) != len(set(self.dags)):
            doubled = sorted({dag for dag in self.dags if self.dags.count(dag) > 1})
            yield f"two files declare the DAG {', '.join(doubled)}"


def probe(package: Path) -> Imports:
    """Lay a package out as MWAA does, in a scratch folder, and let Airflow read it in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="anthill-probe-") as scratch:
        home = Path(scratch)
        lay_out(package, home)
        script = Path(__file__).with_name("probe.py")
        done = subprocess.run(
            [sys.executable, "-P", str(script), str(home)],
            env=environment(home),
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            error = done.stderr.strip()[-2000:] or f"exit code {done.returncode}"
            return Imports((Import(PLUGINS, 0, 0, error=error),))
        read: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    airflow, *files = [Import(**{**file, "dags": tuple(file["dags"])}) for file in read]
    return Imports(tuple(files), airflow)


def lay_out(package: Path, home: Path) -> None:
    """The folders of /usr/local/airflow: dags/ as it is, plugins/ out of plugins.zip."""
    (home / "dags").symlink_to((package / "dags").resolve(), target_is_directory=True)
    with zipfile.ZipFile(package / PLUGINS) as archive:
        archive.extractall(home / "plugins")


def environment(home: Path) -> dict[str, str]:
    """This process's environment with Airflow's home in that folder and nothing of the checkout on sys.path."""
    dropped = ("AIRFLOW", "PYTHON", "AWS_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(dropped)},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # What takes long is refused with its seconds, which Airflow on a busy machine would end before they are known.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        # Before an installed anthill, which would hide the package's.
        "PYTHONPATH": str(home / "plugins"),
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",  # the package stays as it was made
    }
