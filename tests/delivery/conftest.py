"""An emulated AWS, small packages, and a delivery that does not wait."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from delivery.archive import zipped
from delivery.artefacts import Artefacts, sha256
from delivery.bucket import Bucket
from delivery.deployment import Deployment
from delivery.environment import Environment
from tests.delivery.aws import BUCKET, NAME, Cloud, cloud, variables

POOLS = {"polygon": {"slots": 4, "description": "calls", "include_deferred": False}}
Package = Callable[..., Artefacts]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """One empty environment in an account of its own."""
    from moto.backends import get_backend

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    for service in ("ec2", "s3", "secretsmanager", "sts"):
        get_backend(service).reset()
    with cloud() as found:
        for name, value in variables(found.url).items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
def package() -> Package:
    """A function (contents by key, put over a small package) → artefacts; None leaves a key out."""

    def made(plugin: str = "plugin", **changes: str | None) -> Artefacts:
        files = {
            "dags/constraints.txt": b"massive==2.9.1\n",
            "dags/stocks.py": b"# airflow dag",
            "dags/forex.py": b"# airflow dag",
            "plugins.zip": zipped({"anthill/plugin.py": plugin.encode()}),
            "requirements.txt": b"massive==2.9.1\n",
            "startup.sh": b"true\n",
        }
        for name, text in changes.items():
            key = name.replace("__", "/").replace("_py", ".py").replace("_txt", ".txt")
            files.pop(key, None)
            files |= {key: text.encode()} if text is not None else {}
        return Artefacts(
            commit=hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest(),
            version="0.1.0",
            files={key: sha256(data) for key, data in files.items()},
            dags=tuple(sorted(key[5:-3] for key in files if key.startswith("dags/") and key.endswith(".py"))),
            pools=POOLS,
            read=files.__getitem__,
        )

    return made


@pytest.fixture
def said() -> list[str]:
    """What the delivery told people."""
    return []


@pytest.fixture
def deployment(aws: Cloud, said: list[str]) -> Deployment:
    """A delivery to the environment that looks again at once."""
    return deployment_to(aws, said)


def deployment_to(aws: Cloud, said: list[str], client: Callable[[str], Any] | None = None) -> Deployment:
    """The same, by clients of one's own."""
    client = client or aws.client
    environment = Environment(client("mwaa"), NAME, said.append, poll=0.01, patience=3600)
    bucket = Bucket(client("s3"), BUCKET)
    return Deployment(environment, bucket, client("secretsmanager"), said.append, health_patience=3600, sync=0)
