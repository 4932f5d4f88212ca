"""Who edits a declaration under `make up` sees the task."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from local.stack import ROOT
from tests.whole_stack.test_tutorial import NOT_COPIED

pytestmark = pytest.mark.timeout(1500)
EDIT = """
import atexit, sys, time
from pathlib import Path
from local.stack import Options, Stack

stack, declaration = Stack(Options(Path(sys.argv[1]))), Path("include/datasets/forex.yaml")
with stack.lock():
    stack.start(("postgres", "api-server", "dag-processor"))
    atexit.register(stack.stop)
    api = stack.api()
    api.wait_for_dag("forex")
    tasks = lambda: {task["task_id"] for task in api.get("/dags/forex/tasks")["tasks"]}
    assert "land.bars_of_days" not in tasks()
    text = declaration.read_text()
    entry = text[text.index("\\n  tickers:") + 1:]
    written = time.monotonic()
    declaration.write_text(text + "\\n" + entry.replace("tickers:", "bars_of_days:"))
    while "land.bars_of_days" not in tasks():
        stack.check()
        time.sleep(0.5)
    print(f"seconds: {time.monotonic() - written:.1f}")
"""


def test_an_edited_declaration_becomes_a_task(tmp_path: Path) -> None:
    """In a checkout of its own; how long it took is printed, for who wants to know."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=NOT_COPIED, symlinks=True)
    subprocess.run(["make", ".venv/.run"], cwd=checkout, check=True, capture_output=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    with tempfile.TemporaryDirectory(prefix="anthill-") as home:
        command = [checkout / ".venv" / "bin" / "python", "-c", EDIT, home]
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(re.findall("seconds: .*", done.stdout)[0])
