"""The command line as a person runs it, against Airflow's own web server and against MWAA's API."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from click.testing import Result
from typer.testing import CliRunner

from anthill.cli.main import app as command_line
from local.service import free_port
from tests.plugins.anthill.landing.conftest import s3_url
from tests.plugins.anthill.ui.conftest import app, headers

__all__ = ["app", "headers", "s3_url"]

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def address(app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Airflow's web server with the coverage page, over HTTP; ann's password is `right`."""
    passwords = tmp_path_factory.mktemp("passwords") / "passwords.json"
    passwords.write_text(json.dumps({"ann": "right", "vera": "right"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(passwords))
        server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{server.config.port}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `anthill` with arguments; what goes wrong is told as `main` tells it."""
    for name in ("URL", "MWAA", "TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"ANTHILL_{name}", raising=False)

    def run(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(command_line, arguments, env=environment)

    return run
