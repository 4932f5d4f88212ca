"""`python -m delivery` as a process: its words, its exit codes, and a real kill in the middle of an update."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from delivery.artefacts import MANIFEST, Artefacts
from tests.delivery.aws import ACCOUNT, BUCKET, Cloud, variables
from tests.delivery.conftest import Package

ROOT = Path(__file__).parents[2]
QUICK = ("--poll", "0.05", "--sync", "0", "--health-patience", "0.1")


@pytest.fixture
def command(aws: Cloud, tmp_path: Path) -> list[str]:
    """The command over a copy of the sources, whose dev lies in the emulated account."""
    (tmp_path / "delivery").symlink_to(ROOT / "delivery")
    place = tmp_path / "terraform/environments/dev"
    place.mkdir(parents=True)
    text = (ROOT / "terraform/environments/dev/environment.tfvars").read_text()
    place.joinpath("environment.tfvars").write_text(text.replace("111111111111", ACCOUNT))
    script = (
        "import sys; from pathlib import Path; import delivery.target as target;"
        f"target.Target.of.__func__.__defaults__ = (Path({str(place.parent)!r}),);"
        "from delivery.__main__ import main; sys.exit(main())"
    )
    return [sys.executable, "-c", script]


def written(artefacts: Artefacts, folder: Path) -> Path:
    """The artefacts as `make package` leaves them."""
    import json

    for key in artefacts.files:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artefacts.read(key))
    (folder / MANIFEST).write_text(json.dumps(artefacts.document()))
    return folder


def run(command: list[str], url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command's end."""
    env = {**os.environ, **variables(url)}
    return subprocess.run([*command, *arguments], env=env, cwd=ROOT, capture_output=True, text=True)


def test_deliver_be_killed_deliver_again_and_roll_back(
    aws: Cloud, command: list[str], package: Package, tmp_path: Path
) -> None:
    """A first delivery; a second, killed while MWAA updates; the same again; back by default, and by a commit."""
    first = written(package(), tmp_path / "first")
    second = written(package(plugin="second", dags__forex_py=None), tmp_path / "second")
    done = run(command, aws.url, "deploy", "--env", "dev", "--package", str(first), *QUICK)
    assert done.returncode == 0, done.stderr
    assert "anthill-dev is UPDATING" in done.stdout

    aws.service.phases = ["UPDATING"] * 100_000
    arguments = ["deploy", "--env", "dev", "--package", str(second), *QUICK]
    with subprocess.Popen([*command, *arguments], env={**os.environ, **variables(aws.url)}, cwd=ROOT) as child:
        while len(aws.service.updates) < 2:
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    aws.service._left.clear()  # MWAA goes on without anybody watching
    done = run(command, aws.url, *arguments)
    assert done.returncode == 0, done.stderr
    assert len(aws.service.updates) == 2
    assert aws.service._plugins() == (second / "plugins.zip").read_bytes()

    aws.service.phases = ["UPDATING"]
    done = run(command, aws.url, "rollback", "--env", "dev", *QUICK)
    assert done.returncode == 0, done.stderr
    assert aws.service._plugins() == (first / "plugins.zip").read_bytes()
    assert "dags/forex.py" in aws.service._dags()
    commit = Artefacts.packed(second).commit
    done = run(command, aws.url, "rollback", "--env", "dev", "--to", commit[:10], *QUICK)
    assert done.returncode == 0, done.stderr
    assert aws.service._plugins() == (second / "plugins.zip").read_bytes()
    done = run(command, aws.url, "rollback", "--env", "dev", "--to", "v99", *QUICK)
    assert (done.returncode, "TO=v99 was never delivered here" in done.stderr) == (1, True)


def test_a_failure_is_told_without_a_traceback(
    aws: Cloud, command: list[str], package: Package, tmp_path: Path
) -> None:
    """Exit code 1 and what to do: a broken DAG, nothing to roll back to, no bucket."""
    broken = written(package(dags__stocks_py="# airflow dag: raise"), tmp_path / "broken")
    done = run(command, aws.url, "deploy", "--env", "dev", "--package", str(broken), *QUICK)
    assert done.returncode == 1
    assert "dags/stocks.py: ImportError: no module" in done.stderr
    assert "Traceback" not in done.stderr
    done = run(command, aws.url, "rollback", "--env", "dev", *QUICK)
    assert (done.returncode, done.stderr.strip()) == (1, "nothing was ever delivered to dev")
    aws.environment["SourceBucketArn"] = f"arn:aws:s3:::{BUCKET}-gone"
    done = run(command, aws.url, "deploy", "--env", "dev", "--package", str(broken), *QUICK)
    assert done.returncode == 1
    assert "AWS did not answer as it should" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_dev_takes_what_no_commit_has(package: Package, tmp_path: Path) -> None:
    """Staging and prod get commits."""
    changed = Artefacts(**{**vars(package()), "changed": True})
    folder = written(changed, tmp_path / "changed")
    done = run(
        [sys.executable, "-m", "delivery"], "http://127.0.0.1:9", "deploy", "--env", "prod", "--package", str(folder)
    )
    assert done.returncode == 1
    assert "is no commit: only dev takes such a package" in done.stderr
