"""The recorders' image: its Dockerfile's own lines in the place of an engine, and what comes of them records."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests import packages
from tests.containers import stage

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "containers/recorder/Dockerfile").read_text()
TASK = (ROOT / "terraform/modules/recorder/task.tf").read_text()


def stages() -> list[str]:
    """The text of each stage."""
    return re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]


def test_a_task_finds_what_the_image_has() -> None:
    """The user, the folder that survives the process and is the user's, and a command behind the image's own."""
    *_, last = stages()
    user = re.search(r'user += "(\d+)"', TASK)
    spool = re.search(r'spool = "(.+)"', TASK)
    assert user is not None
    assert spool is not None
    assert f"USER {user[1]}\n" in last
    assert f"useradd --uid {user[1]} " in last
    assert f'VOLUME ["{spool[1]}"]' in last  # a volume on Fargate takes its owner from here alone
    assert f"install --directory --owner anthill {spool[1]}" in last
    assert 'ENTRYPOINT ["anthill"]' in last
    assert 'command                = ["record", ' in TASK


def test_what_it_copies_is_sent_to_the_engine() -> None:
    """.dockerignore keeps everything back that is not named; another stage's files are none of it."""
    assert {name.split("/")[0] for name in stage.copied(DOCKERFILE)} <= stage.sent()


def test_it_has_no_secret_and_no_newest() -> None:
    """Nothing is given while it is built; tags and uv's version are exact."""
    assert "ARG" not in DOCKERFILE
    assert re.findall(r"^FROM \S+:([\w.-]+)", DOCKERFILE, re.MULTILINE) == ["3.12.8-slim-bookworm"] * 2
    assert re.search(r"uv==\d+\.\d+\.\d+", DOCKERFILE)


def test_what_its_lines_install_records(tmp_path: Path) -> None:
    """The same copies and the same `uv sync`: `anthill record` answers, and nothing of Airflow or Spark is there."""
    packages.registry()
    venv = stage.installed(DOCKERFILE, tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home)}
    anthill = str(venv / "bin/anthill")
    done = subprocess.run([anthill, "record", "--help"], cwd=home, env=alone, capture_output=True, text=True)
    assert "Record a stream of include/datasets until it is stopped" in done.stdout, done.stderr
    given = ["record", "crypto", "--channel", "XA.*", "--bronze", "b", "--documents", "d", "--emf", "--port", "0"]
    done = subprocess.run([anthill, *given], cwd=home, env=alone, capture_output=True, text=True)
    assert "There is no key" in done.stderr
    python = str(venv / "bin/python")
    looked = "import importlib.util as u; print([n for n in ('airflow', 'pyspark', 'polars') if u.find_spec(n)])"
    done = subprocess.run([python, "-c", looked], cwd=home, env=alone, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
    for module in ("recorder.recorder", "recorder.lease", "recorder.metrics", "catalog"):
        subprocess.run([python, "-c", f"import anthill.{module}"], cwd=home, env=alone, check=True)
