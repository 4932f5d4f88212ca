"""A delivery to MWAA: only what changed, in an order that works, back to what worked, and again after any kill."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.deployment import Deployment
from delivery.errors import DeliveryError, StillAtWorkError
from tests.delivery.aws import BUCKET, Cloud
from tests.delivery.conftest import Package, deployment_to


def written(aws: Cloud, before: dict[str, int]) -> set[str]:
    """The keys that got a version since, deliveries' records left out."""
    now = aws.keys()
    return {key for key in now if now[key] != before.get(key) and not key.startswith("deliveries/")}


def test_the_first_delivery_brings_everything(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """Every file lies in the bucket, the environment names three versions, the pool is there, a record is written."""
    made = deployment.run(package())
    assert set(aws.keys()) == {*package().files, f"deliveries/{made.id}.json"}
    (update,) = aws.service.updates
    for part, key in (
        ("Plugins", "plugins.zip"),
        ("Requirements", "requirements.txt"),
        ("StartupScript", "startup.sh"),
    ):
        head = aws.client("s3").head_object(Bucket=BUCKET, Key=key)
        assert update[f"{part}S3Path"] == key
        assert update[f"{part}S3ObjectVersion"] == head["VersionId"] == aws.environment[f"{part}S3ObjectVersion"]
    assert update["WorkerReplacementStrategy"] == "GRACEFUL"
    assert aws.service.airflow.pools["polygon"]["slots"] == 4


def test_a_delivery_says_what_is_paused(aws: Cloud, deployment: Deployment, package: Package, said: list[str]) -> None:
    """New DAGs are paused: the delivery works, and names them; of those that run it says nothing."""
    aws.service.airflow.paused = {"stocks", "somebody_elses"}
    deployment.run(package())
    assert [line for line in said if "aused" in line] == ["Paused in anthill-dev, and so not running: stocks"]


def test_twice_changes_nothing(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """No object, no update, no record."""
    deployment.run(package())
    before, asked = aws.keys(), len(aws.asked)
    deployment.run(package())
    assert aws.keys() == before
    assert len(aws.service.updates) == 1
    assert not [line for line in aws.asked[asked:] if line.startswith(("PUT", "DELETE", "PATCH"))]


def test_a_dag_file_alone_replaces_no_worker(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """One object is written and the environment is not updated."""
    deployment.run(package())
    before = aws.keys()
    deployment.run(package(dags__stocks_py="# airflow dag, another"))
    assert written(aws, before) == {"dags/stocks.py"}
    assert len(aws.service.updates) == 1


@pytest.mark.parametrize(
    ("change", "key", "field"),
    [
        ({"plugin": "other"}, "plugins.zip", "PluginsS3ObjectVersion"),
        ({"requirements_txt": "massive==2.9.1\n#\n"}, "requirements.txt", "RequirementsS3ObjectVersion"),
    ],
)
def test_only_the_changed_file_is_named(
    aws: Cloud, deployment: Deployment, package: Package, change: dict[str, str], key: str, field: str
) -> None:
    """The update names one new version; the others stay as they are."""
    deployment.run(package())
    before = aws.keys()
    deployment.run(package(**change))
    assert written(aws, before) == {key}
    assert {name for name in aws.service.updates[-1] if name.endswith("Version")} == {field}


def test_the_package_goes_before_the_dag_files(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """Constraints, then the update and its end, then the DAG files that import the new package."""
    deployment.run(package())
    start = len(aws.asked)
    deployment.run(package(plugin="other", dags__stocks_py="# airflow dag 2", dags__constraints_txt="#\n"))
    order = [line for line in aws.asked[start:] if line.split()[0] in ("PUT", "PATCH")]
    names = [line.rpartition("/")[2] for line in order]
    assert names.index("constraints.txt") < names.index("plugins.zip") < names.index("anthill-dev")
    assert names.index("anthill-dev") < names.index("stocks.py")


def test_a_dag_that_is_gone_is_deleted(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """A file that the package no longer has leaves the bucket; its versions stay."""
    deployment.run(package())
    deployment.run(package(dags__forex_py=None))
    listed = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="dags/")["Contents"]
    assert {entry["Key"] for entry in listed} == {"dags/constraints.txt", "dags/stocks.py"}
    assert aws.keys()["dags/forex.py"] == 1


def test_health_waits_for_the_new_parse(aws: Cloud, deployment: Deployment, package: Package, said: list[str]) -> None:
    """DAGs that were last parsed before the upload, and a web server that is being replaced, are waited for."""
    aws.service.airflow.late, aws.service.airflow.deaf = 3, 2
    deployment.run(package())
    assert any("not parsed since" in line for line in said)
    assert any("does not answer" in line for line in said)


def test_health_counts_from_the_end_of_the_update(
    aws: Cloud, deployment: Deployment, package: Package, said: list[str]
) -> None:
    """A parse after the upload of plugins.zip but before its update ended is one of the former package."""
    deployment.run(package())
    aws.service.airflow.late, deployment.sync = 2, -3600  # as if the upload were an hour ago
    said.clear()
    deployment.run(package(plugin="other"))
    assert any("not parsed since" in line for line in said)


@pytest.mark.parametrize("part", ["scheduler", "triggerer", "dag_processor", "metadatabase"])
def test_an_ill_environment_is_no_success(aws: Cloud, deployment: Deployment, package: Package, part: str) -> None:
    """Nothing is recorded as delivered, and the message names the part."""
    deployment.health_patience = 0.1
    aws.service.airflow.ill[part] = "unhealthy"
    with pytest.raises(DeliveryError, match=f"{part} is unhealthy"):
        deployment.run(package())
    assert deployment.history.ids() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dags__stocks_py": "# airflow dag: raise"}, "dags/stocks.py: ImportError: no module"),
        ({"plugin": "raise", "dags__forex_py": "# airflow dag 2"}, "anthill/plugin.py: ImportError"),
    ],
)
def test_what_cannot_be_imported_is_rolled_back(
    aws: Cloud, deployment: Deployment, package: Package, change: dict[str, str], words: str
) -> None:
    """Objects and named versions are as before the delivery, and the message has the import error."""
    good = deployment.run(package())
    named = dict(aws.environment)
    deployment.health_patience = 0.3
    with pytest.raises(DeliveryError, match=words) as failed:
        deployment.run(package(**change))
    assert f"back at 0.1.0 ({good.artefacts.commit[:12]})" in str(failed.value)
    s3 = aws.client("s3")
    for key in package().files:
        if key.startswith("dags/"):
            assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == package().read(key)
    for part in ("Plugins", "Requirements", "StartupScript"):
        assert aws.environment[f"{part}S3ObjectVersion"] == named[f"{part}S3ObjectVersion"]
    assert deployment.history.latest() == good


def test_an_update_that_fails_is_rolled_back(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """MWAA's own words are told; new DAG files never went out, and the next good package goes through."""
    deployment.run(package())
    aws.service.failing = lambda update: (
        "requirements could not be installed" if len(aws.service.updates) == 2 else None
    )
    bad = package(requirements_txt="massive==9\n", dags__stocks_py="# airflow dag, needs it")
    with pytest.raises(DeliveryError, match="INCORRECT_CONFIGURATION: requirements could not be installed"):
        deployment.run(bad)
    assert aws.keys()["dags/stocks.py"] == 1
    deployment.run(package(requirements_txt="massive==2.9.1\n# mended\n"))
    assert aws.environment["Status"] == "AVAILABLE"


def test_the_first_failure_has_nothing_to_go_back_to(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """The message says so, and nothing is recorded."""
    deployment.health_patience = 0.1
    with pytest.raises(DeliveryError, match="nothing to roll back to"):
        deployment.run(package(dags__stocks_py="# airflow dag: raise"))
    assert deployment.history.ids() == []


def test_a_slow_update_is_not_a_failed_one(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """Out of patience nothing is rolled back; the same command again waits on and ends well, with one update."""
    aws.service.phases = ["UPDATING"] * 60
    deployment.environment.patience = 0.05
    with pytest.raises(StillAtWorkError, match="again goes on from here"):
        deployment.run(package())
    deployment.environment.patience = 3600
    deployment.run(package())
    assert len(aws.service.updates) == 1


@pytest.mark.parametrize("status", ["DELETING", "CREATE_FAILED", "UNAVAILABLE"])
def test_an_environment_that_takes_nothing(aws: Cloud, deployment: Deployment, package: Package, status: str) -> None:
    """Nothing is uploaded."""
    aws.environment["Status"] = status
    aws.service._left = [status] * 3
    with pytest.raises(DeliveryError, match=status):
        deployment.run(package())
    assert aws.keys() == {}


@pytest.mark.parametrize("lack", ["secret", "value"])
def test_a_connection_without_its_secret(aws: Cloud, deployment: Deployment, package: Package, lack: str) -> None:
    """It is refused before anything is uploaded, with the command that mends it; no secret's value is asked for."""
    secrets = aws.client("secretsmanager")
    name = "anthill/dev/connections/polygon_default"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    if lack == "value":
        secrets.create_secret(Name=name)
    with pytest.raises(DeliveryError, match=f"put-secret-value --secret-id {name}"):
        deployment.run(package())
    assert aws.keys() == {}


def test_pools_follow_the_environments_option(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """`anthill.pool_slots` goes before the declared slots, and a changed pool is corrected."""
    aws.environment["AirflowConfigurationOptions"]["anthill.pool_slots"] = "2"
    deployment.run(package())
    assert aws.service.airflow.pools["polygon"]["slots"] == 2
    aws.service.airflow.pools["polygon"]["slots"] = 99
    deployment.run(package())
    assert aws.service.airflow.pools["polygon"]["slots"] == 2


def test_a_rollback_and_a_rollback_of_it(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """Each goes one delivery further back, by the versions that are still there; then there is nothing left."""
    first = deployment.run(package())
    second = deployment.run(package(plugin="second", dags__forex_py=None))
    deployment.run(package(plugin="third", dags__options_py="# airflow dag"))
    for wanted in (second, first):
        current = deployment.history.latest()
        assert current is not None
        target = deployment.history.before(current)
        assert target.id == wanted.id
        before = aws.keys()
        deployment.run(target.artefacts, origin=target.origin)
        assert "plugins.zip" not in written(aws, before)  # a version of before is named again
        assert aws.service.airflow.read().keys() == {k for k in wanted.artefacts.files if k.endswith(".py")}
    current = deployment.history.latest()
    assert current is not None
    with pytest.raises(DeliveryError, match="nothing to roll back to"):
        deployment.history.before(current)


def test_an_expired_version_says_what_deleted_it(aws: Cloud, deployment: Deployment, package: Package) -> None:
    """A rollback to bytes that the bucket's lifecycle has taken is a message, not a traceback."""
    first = deployment.run(package())
    deployment.run(package(dags__stocks_py="# airflow dag 2"))
    document = deployment.history.read(first.id).artefacts
    aws.client("s3").delete_object(Bucket=BUCKET, Key="dags/stocks.py", VersionId=document.versions["dags/stocks.py"])
    with pytest.raises(DeliveryError, match="lifecycle has deleted it"):
        deployment.run(document, origin=first.origin)


class Killed(BaseException):
    """The process is gone: nothing in it runs any more."""


class Fuse:
    """Makes clients of which, all together, the n-th request is never sent."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.left = aws, 0

    def client(self, service: str) -> Any:
        """A client that burns the fuse."""
        made = self.aws.client(service)
        made.meta.events.register("before-send", self._burn)
        return made

    def _burn(self, **_: Any) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


@pytest.mark.parametrize("first", [True, False], ids=["empty environment", "over an earlier delivery"])
def test_killed_anywhere_and_started_again_ends_right(
    aws: Cloud, deployment: Deployment, package: Package, said: list[str], first: bool
) -> None:
    """At every second request: the second start leaves what one start would have, and one update runs in all."""
    if not first:
        deployment.run(package())
    fuse = Fuse(aws)
    fated = deployment_to(aws, said, fuse.client)
    # Into an empty environment a few of its requests are as good as all: it is empty only once.
    for request in range(1, 200, 2 if not first else 9):
        text = f"# airflow dag {request}"
        wanted = package(plugin=text, dags__stocks_py=text, dags__constraints_txt=text)
        updates, fuse.left = len(aws.service.updates), request
        try:
            fated.run(wanted)
        except Killed:
            pass
        else:
            assert request > 25  # it was killed at each of its requests before
            break
        made = deployment.run(wanted)
        assert made.artefacts == wanted
        assert len(aws.service.updates) == updates + 1
        assert aws.service._plugins() == wanted.read("plugins.zip")
        assert aws.service._dags()["dags/stocks.py"] == wanted.read("dags/stocks.py")
        assert deployment.history.latest() == made
    else:
        pytest.fail("it never came to its end")
