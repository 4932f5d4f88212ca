"""A file rings: S3, EventBridge, SQS, the watcher, on a real emulator; whatever becomes of messages, one end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from anthill.dag_builder.drop import drop_dag
from anthill.drops.land import Taken
from anthill.drops.zone import Answer, Zone
from local import bell, lake
from tests.local import emulator

from .conftest import Depot
from .test_land import JUNE

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Clients of the emulator's services, of which S3 obeys dev's policies."""
    with emulator.running(tmp_path_factory.mktemp("bell")) as url:
        keys = {"aws_access_key_id": lake.KEY, "aws_secret_access_key": lake.KEY, "region_name": lake.REGION}
        quick = Config(retries={"total_max_attempts": 1})
        yield lambda service: boto3.client(service, endpoint_url=url, config=quick, **keys)


class House(Depot):
    """The zone on the emulator, and what the watcher hears; Airflow has the rights of MWAA's role and no others."""

    def __init__(self, client: Client, name: str) -> None:
        super().__init__(client("s3"), lake.DROP, lake.BRONZE)
        self.sqs, self.name = client("sqs"), name

    def heard(self, seconds: float) -> list[Any]:
        """The messages of the watcher's next event; TimeoutError where none comes."""
        (watcher,) = next(iter(drop_dag(None).schedule.asset_condition.objects)).watchers

        async def first() -> list[Any]:
            async for event in watcher.trigger.run():
                return list(event.payload["message_batch"])
            raise AssertionError("the trigger ended without an event")

        return asyncio.run(asyncio.wait_for(first(), seconds))

    def waiting(self) -> int:
        """The messages that the queue has, those that somebody has taken and not deleted among them."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        url = self.sqs.get_queue_url(QueueName=lake.DROP)["QueueUrl"]
        return sum(map(int, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    def run(self) -> None:
        """A run of the DAG to its answers, as `answer` gives them once silver has the rows."""
        airflow = boto3.client("s3")  # by the environment, as every task's
        for given in self.land().get("depot", []):
            taken = msgspec.convert(given, Taken)
            said = {"file": taken.dropped.key, "version": taken.dropped.version, "dropped": taken.dropped.modified}
            rows = taken.commit.rows
            Zone(airflow, lake.DROP).answer(taken.dropped, Answer(**said, outcome="accepted", rows=rows, accepted=rows))

    def end(self) -> tuple[list[str], list[tuple[str, str, int]]]:
        """What bronze and `output/` have of this test's files."""
        own = [key for key in self.commits() if key.startswith(self.name)]
        answers = [each for each in self.answers() if each["file"].startswith(f"input/depot/stock/{self.name}")]
        return own, [(each["file"], each["outcome"], each["accepted"]) for each in answers]


@pytest.fixture
def house(
    client: Client, included: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[House]:
    """The zone with an empty queue."""
    bell.hang(client)
    s3 = client("s3")
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", '{"conn_type": "aws"}')
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.meta.endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", lake.REGION)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, lake.LANDING_KEY)
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", lake.BRONZE)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DROP_BUCKET", lake.DROP)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DROP_QUEUE", bell.URL)
    house = House(client, request.node.name.partition("[")[2].strip("]") or "file")
    house.sqs.purge_queue(QueueUrl=house.sqs.get_queue_url(QueueName=lake.DROP)["QueueUrl"])
    yield house
    for version in s3.list_object_versions(Bucket=lake.DROP).get("Versions", []):
        s3.delete_object(Bucket=lake.DROP, Key=version["Key"], VersionId=version["VersionId"])


def told(house: House) -> None:
    """As it should be."""
    assert len(house.heard(20)) == 1
    house.run()


def lost(house: House) -> None:
    """The triggerer took the message and died: nothing rings, and the sweep comes."""
    assert len(house.heard(20)) == 1
    assert house.waiting() == 0
    house.run()


def doubled(house: House) -> None:
    """At least once is what SQS promises."""
    (message,) = house.heard(20)
    url = house.sqs.get_queue_url(QueueName=lake.DROP)["QueueUrl"]
    for _ in range(2):
        house.sqs.send_message(QueueUrl=url, MessageBody=message["Body"])
    house.run()
    assert len(house.heard(20)) == 2
    house.run()


def late(house: House) -> None:
    """The sweep was there before."""
    house.run()
    assert len(house.heard(20)) == 1
    house.run()


def of_a_deleted_file(house: House) -> None:
    """Somebody took it back before anybody looked; it is not told of at all where S3 has it no more."""
    house.drop(JUNE.replace("7", "9"), f"{house.name}-gone.csv")
    house.s3.delete_object(Bucket=house.bucket, Key=f"input/depot/stock/{house.name}-gone.csv")
    assert len(house.heard(20)) == 2
    house.run()


def without_a_queue(house: House) -> None:
    """It is gone: the watcher ends with an error, and the sweep goes on."""
    house.sqs.delete_queue(QueueUrl=house.sqs.get_queue_url(QueueName=lake.DROP)["QueueUrl"])
    with pytest.raises(ClientError, match="NonExistentQueue"):
        house.heard(20)
    house.run()


FATES = {each.__name__: each for each in (told, lost, doubled, late, of_a_deleted_file, without_a_queue)}


@pytest.mark.parametrize("fate", FATES)
def test_whatever_becomes_of_the_message(house: House, fate: str) -> None:
    """The file is landed once and answered once."""
    house.drop(JUNE, f"{house.name}.csv")
    FATES[fate](house)
    name = f"{house.name}.csv"
    assert house.end() == ([f"{name}/r000001.csv.gz"], [(f"input/depot/stock/{name}", "accepted", 2)])


def test_a_file_is_heard_of_at_once(house: House) -> None:
    """Within seconds, the second as the first; an answer rings nobody, nor does what lies elsewhere."""
    for name in ("a", "b"):
        house.drop(JUNE, f"{name}.csv")
        begun = time.monotonic()
        (message,) = house.heard(20)
        assert time.monotonic() - begun < 5
        assert f"input/depot/stock/{name}.csv" in message["Body"]
    for folder in ("output/depot/stock/", "claims/", "other/"):
        house.s3.put_object(Bucket=house.bucket, Key=f"{folder}x.csv", Body=b"", IfNoneMatch="*")
    assert house.waiting() == 0
