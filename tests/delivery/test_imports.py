"""Airflow reads a package as on MWAA: what fails, takes long or declares no DAG is refused by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery import imports, package
from delivery.archive import zipped

DAG = "from airflow.sdk import DAG\ndag = DAG('{}', schedule=None)\n"
PROVIDER = b"def get_provider_info(): return {'package-name': 'anthill', 'name': 'Anthill', 'description': ''}"


def test_each_import_that_mwaa_would_stumble_over(tmp_path: Path) -> None:
    """A plugin and a DAG that fail, a DAG that takes CPU, none at all, two with one name; good and off ones pass."""
    files = {
        "plugins.zip": zipped(
            {
                "anthill/__init__.py": b"HERE = True",
                "anthill/plugin.py": b"import nowhere_at_all",
                "anthill/provider.py": PROVIDER,  # the installed distribution names it
            }
        ),
        "dags/good.py": (DAG.format("good") + "import anthill\nassert anthill.HERE").encode(),
        "dags/failing.py": b"# airflow dag\nfrom anthill import missing",
        "dags/slow.py": (
            # As much again as all before it took, Airflow included, and the limit of a fast machine on top.
            DAG.format("slow")
            + "import time\nstart = time.process_time()\n"
            + f"while time.process_time() < 2 * start + {imports.CPU_SECONDS}: ...\n"
        ).encode(),
        "dags/silent.py": b"# airflow dag",
        "dags/off.py": b"# airflow dag\ndag = None",
        "dags/twin_1.py": DAG.format("twin").encode(),
        "dags/twin_2.py": DAG.format("twin").encode(),
    }
    package.write(files, tmp_path / "package")
    found = imports.probe(tmp_path / "package")
    assert found.dags == ("good", "slow", "twin", "twin")
    reasons = {reason.split(" ", 1)[0]: reason for reason in found.refusals()}
    assert reasons.keys() == {"plugins.zip", "dags/failing.py", "dags/slow.py", "dags/silent.py", "two"}
    assert "No module named 'nowhere_at_all'" in reasons["plugins.zip"]
    assert "cannot import name 'missing'" in reasons["dags/failing.py"]
    assert "import what is heavy inside the task" in reasons["dags/slow.py"]
    assert "declares no DAG" in reasons["dags/silent.py"]
    assert reasons["two"] == "two files declare the DAG twin"
    assert not list((tmp_path / "package").rglob("__pycache__"))


@pytest.mark.parametrize(
    ("cpu", "seconds", "refused"), [(2.0, 15.0, False), (2.1, 2.1, True), (0.1, 15.1, True)], ids=str
)
@pytest.mark.parametrize("slowness", [0.1, 1, 10])
def test_a_slow_machine_is_no_fault_of_the_package(cpu: float, seconds: float, refused: bool, slowness: float) -> None:
    """The limits are for a machine that imports Airflow within them; on a slower one they are what Airflow takes."""
    airflow = imports.Import("airflow", 2.0 * slowness, 15.0 * slowness)
    more = max(slowness, 1)
    file = imports.Import("dags/one.py", cpu * more, seconds * more, ("one",))
    assert bool(imports.Imports((file,), airflow).refusals()) is refused
