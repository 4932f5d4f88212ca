"""What is taken of the drop zone, what is refused and why, and that a listing is all that counts."""

from __future__ import annotations

import datetime as dt
import gzip
import random
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from airflow.sdk import CronDataIntervalTimetable

from anthill import catalog
from anthill.bronze import written_once
from anthill.coverage import states
from anthill.dag_builder.drop import drop_dag
from anthill.drops.zone import Dropped, Zone
from anthill.landing.commit import Committer

from .conftest import Depot

HEADER = "thing;town;amount\r\n"
JUNE = HEADER + "nail;Viçosa;7\r\nscrew;Leeds;5\r\n"


def test_a_file_is_landed_as_it_is(depot: Depot, s3: Any) -> None:
    """Its bytes, packed; until it is answered it is taken again, and bronze stays as it is."""
    depot.drop(JUNE)
    (first,) = depot.land()["depot"]
    assert (first["dataset"], first["interval"]) == ("stock", str(dt.datetime.now(dt.UTC).date()))
    assert depot.commits() == ["june.csv/r000001.csv.gz"]
    body = s3.get_object(Bucket=depot.bronze, Key=first["commit"]["key"])["Body"].read()
    assert gzip.decompress(body) == JUNE.encode()
    assert (first["commit"]["rows"], depot.land()["depot"]) == (2, [first])
    assert (depot.commits(), depot.answers()) == (["june.csv/r000001.csv.gz"], [])


REFUSED = {
    "another header": (HEADER.replace("town", "place") + "a;b;1\r\n", "beside 'plain' it lacks town and has place"),
    "columns in another order": ("town;thing;amount\r\na;b;1\r\n", "its columns in another order, from town on"),
    "a third header": ("thing\r\na\r\n", "beside 'plain' it lacks town, amount"),
    "nothing": ("", "beside 'plain' it lacks thing, town, amount and has"),
    "no rows": (HEADER, "the file has a header and no rows"),
    "a page": ("<html>closed</html>", "its header of 1 columns is none of 'plain'"),
    "a zip": (b"PK\x03\x04\x00\x00", "its header of 1 columns"),
    "packed": (gzip.compress(JUNE.encode()), "line 1 is not UTF-8, as its dataset declares"),
    "another encoding": (JUNE.encode("iso-8859-1"), "line 2 is not UTF-8, as its dataset declares"),
    "a letter cut at the end": (HEADER.encode() + b"a;b;1\r\nc;\xc3", "line 3 is not UTF-8"),
    "quotes": (HEADER + 'a;b;1\r\nnail;"a;b";7\r\n', "line 3 has a quotation mark: values in quotes are not read"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_taken(depot: Depot, what: str) -> None:
    """It is told why, once, and bronze has nothing of it; the others are taken."""
    body, why = REFUSED[what]
    depot.drop(body, "bad.csv")
    depot.drop(JUNE)
    assert depot.taken() == ["june.csv"]
    (answer,) = depot.answers()
    assert (answer["outcome"], why in answer["why"], answer["files"]) == ("refused", True, {})
    assert "drop it again under the same name" in answer["why"] or "Declare the header" in answer["why"]
    assert (depot.taken(), len(depot.answers())) == (["june.csv"], 1)
    assert depot.commits() == ["june.csv/r000001.csv.gz"]


HOSTILE = {
    "input/june.csv": "it lies in no dataset's folder, of which there are input/depot/stock/",
    "input/depot/june.csv": "it lies in no dataset's folder",
    "input/depot/nothing/june.csv": "it lies in no dataset's folder",
    "input/../../stock/june.csv": "it lies in no dataset's folder",
    "input/depot/stock/../../../stock/june.csv": "it lies in a folder of its own",
    "input/depot/stock/a/b.csv": "it lies in a folder of its own",
    "input/depot/stock/..": "it lies in a folder of its own",
    "input/depot/stock/a\u200bb.csv": "its name has characters that cannot be seen",
    "input/depot/stock/a\u202egpj.csv": "its name has characters that cannot be seen",
    "input/depot/stock/june.xlsx": "its name does not end with .csv",
    "input/depot/stock/" + "x" * 400 + ".csv": "its name takes more than 300 characters in a URL",
    "input/depot/stock/" + "ç" * 90 + ".csv": "its name takes more than 300 characters in a URL",
}


@pytest.mark.parametrize("key", HOSTILE, ids=[f"{number}" for number in range(len(HOSTILE))])
def test_a_hostile_key(depot: Depot, key: str) -> None:
    """Its answer lies below `output/` and nowhere else, and it is read by nobody."""
    depot.drop(JUNE, key, "")
    assert depot.taken() == []
    assert depot.said().keys() == {key}
    assert HOSTILE[key] in depot.said()[key]
    assert set(depot.keys()) - set(depot.keys("output/")) == {key}
    (answer,) = depot.keys("output/")
    assert ".." not in answer.split("/")
    assert answer.count("/") <= 5


@pytest.mark.parametrize(
    "name",
    ["a b.csv", "ação.csv", "a+b%20c.csv", "it's.csv", "a&b?c#d.csv", "A.CSV", "date=2026-01-01.csv", "r000001.csv"],
)
def test_an_odd_name_that_is_one(depot: Depot, name: str) -> None:
    """It is landed once, whatever a URL makes of it."""
    depot.drop(JUNE, name)
    (taken,) = depot.land()["depot"]
    assert (taken["commit"]["shard"], taken["commit"]["rows"]) == (name, 2)
    assert len(depot.commits()) == 1


def test_a_folder_of_the_console_is_no_file(depot: Depot) -> None:
    """Nor is an upload of which only half is there, or what lies elsewhere."""
    for key in ("input/", "input/depot/stock/", "input/depot/stock/new/", "other/depot/stock/june.csv"):
        depot.drop(b"", key, "")
    at = {"Bucket": depot.bucket, "Key": "input/depot/stock/half.csv"}
    upload = depot.s3.create_multipart_upload(**at)["UploadId"]
    depot.s3.upload_part(**at, UploadId=upload, PartNumber=1, Body=JUNE.encode())
    assert (depot.land(), depot.answers()) == ({}, [])


def test_the_same_rows_under_another_name_are_a_copy(depot: Depot) -> None:
    """Landed once; the second file is answered with the first one's name, and a third one too."""
    depot.drop(JUNE)
    assert depot.taken() == ["june.csv"]
    depot.drop(JUNE, "again.csv")
    depot.drop(JUNE, "more.csv")
    assert depot.taken() == ["june.csv"]
    why = "copy: its rows are those of june.csv"
    assert depot.said() == {f"input/depot/stock/{name}.csv": why for name in ("again", "more")}
    assert depot.commits() == ["june.csv/r000001.csv.gz"]


def test_a_copy_of_what_was_corrected_is_none(depot: Depot) -> None:
    """The first file has other rows by now: silver would have these nowhere."""
    depot.drop(JUNE)
    depot.land()
    depot.drop(JUNE.replace("7", "8"))
    depot.land()
    depot.drop(JUNE, "again.csv")
    assert sorted(depot.taken()) == ["again.csv", "june.csv"]  # S3 tells seconds: two of one are in no order
    assert depot.commits() == ["again.csv/r000001.csv.gz", "june.csv/r000001.csv.gz", "june.csv/r000002.csv.gz"]


def test_a_file_that_is_replaced_before_anybody_looks(depot: Depot) -> None:
    """The newest counts; the one before is told so."""
    depot.drop(HEADER + "bolt;Leeds;1\r\n")
    depot.drop(JUNE)
    (taken,) = depot.land()["depot"]
    assert taken["commit"]["rows"] == 2
    assert depot.said() == {
        "input/depot/stock/june.csv": "superseded: another file came under its name before it was read"
    }


def test_a_file_that_is_replaced_while_it_is_read(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was listed is read, by its version; the other one follows."""
    depot.drop(JUNE)
    waiting = Zone.waiting

    def then_replaced(zone: Zone) -> list[Dropped]:
        found = waiting(zone)
        depot.drop(HEADER + "bolt;Leeds;1\r\n")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Zone, "waiting", then_replaced)
        (first,) = depot.land()["depot"]
    assert first["commit"]["rows"] == 2
    (second,) = depot.land()["depot"]
    assert (second["commit"]["rows"], second["commit"]["revision"]) == (1, 2)


def test_a_file_that_is_deleted_before_anybody_looks(depot: Depot) -> None:
    """A message may tell of it; there is nothing to answer."""
    depot.drop(JUNE)
    depot.s3.delete_object(Bucket=depot.bucket, Key="input/depot/stock/june.csv")
    assert (depot.land(), depot.answers()) == ({}, [])


def test_a_name_keeps_its_day(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is dropped again on a later day takes its own place, and no second one."""
    depot.drop(JUNE)
    depot.land()
    depot.drop(JUNE.replace("7", "8"))
    later = dt.timedelta(days=3)
    waiting = Zone.waiting

    def listed(zone: Zone) -> list[Dropped]:
        return [
            msgspec.structs.replace(each, modified=each.modified + later) if each.newest else each
            for each in waiting(zone)
        ]

    monkeypatch.setattr(Zone, "waiting", listed)
    (taken,) = depot.land()["depot"]
    assert (taken["interval"], taken["commit"]["revision"]) == (str(dt.datetime.now(dt.UTC).date()), 2)


@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_step(depot: Depot, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Whoever comes next ends as if nothing had been."""
    depot.drop(JUNE)
    depot.drop(JUNE, "same.csv")
    depot.drop("<html>", "bad.csv")
    calls = 0

    def dying(function: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > step:
                raise KeyboardInterrupt
            return function(*given, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(written_once, "put", dying(written_once.put))
        patched.setattr(Committer, "commit", dying(Committer.commit))
        try:
            depot.land()
        except KeyboardInterrupt:
            assert calls == step + 1
    assert len(depot.taken()) == 1
    assert sorted(each["outcome"] for each in depot.answers()) == ["copy", "refused"]
    assert len(depot.commits()) == 1


def test_messages_do_not_count(depot: Depot) -> None:
    """Lost, doubled, late, of a file that is gone: whatever starts runs, and however often, the end is the same."""
    chance = random.Random(3)
    names = [f"{number}.csv" for number in range(6)]
    for number, name in enumerate(names):
        depot.drop(f"{HEADER}thing {number};Leeds;1\r\n", name)
        for _ in range(chance.choice([0, 0, 1, 3])):  # messages that came
            depot.land()
    depot.s3.delete_object(Bucket=depot.bucket, Key="input/depot/stock/0.csv")
    assert depot.taken()[-5:] == names[1:]  # the sweep
    assert {commit.partition("/")[0] for commit in depot.commits()} >= set(names[1:])
    assert len(depot.commits()) == len(set(depot.commits()))


def test_the_dag_has_the_tasks_of_each_class(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off at first, one run at a time, rung by a queue where there is one; answers do not wait for gold."""
    assert isinstance(drop_dag(None).schedule, CronDataIntervalTimetable)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DROP_QUEUE", "https://sqs.eu-west-1.amazonaws.com/1/drop")
    dag = drop_dag(None)
    assert (dag.is_paused_upon_creation, dag.max_active_runs, dag.catchup) == (True, 1, False)
    assert {name: set(task.upstream_task_ids) for name, task in dag.task_dict.items()} == {
        "land": set(),
        "depot.silver": {"land"},
        "depot.answer": {"depot.silver"},
        "depot.quality": {"depot.silver"},
        "depot.gold": {"depot.quality"},
        "depot.grants": {"depot.silver", "depot.gold"},
    }
    assert dag.task_dict["depot.grants"].trigger_rule == "all_done_min_one_success"
    (watcher,) = next(iter(dag.schedule.asset_condition.objects)).watchers
    assert watcher.trigger.sqs_queue == "https://sqs.eu-west-1.amazonaws.com/1/drop"


def test_no_day_is_waited_for(included: Path) -> None:
    """Coverage has a letter where a file was landed, and none elsewhere: nothing was due, and nothing is gone."""
    declared, days = catalog.load("depot"), [dt.date(2026, 6, number) for number in (1, 2, 3)]
    due = states.Due(declared, dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    told = {days[1]: states.State.LANDED}
    assert states.row(declared.datasets["stock"], days, frozenset(days), told, due) == ".L."


def test_how_long_the_oldest_waits_is_told(depot: Depot, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the files without an answer, in CloudWatch where a namespace is configured; 0 where none waits."""
    from anthill.alerts import metrics

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    cloudwatch = boto3.client("cloudwatch", endpoint_url=s3_url, **keys)
    namespace = depot.bucket  # of this test alone
    monkeypatch.setenv("AIRFLOW__ANTHILL__METRICS_NAMESPACE", namespace)
    monkeypatch.setattr(metrics, "_client", lambda: cloudwatch)
    waiting = Zone.waiting

    def older(zone: Zone) -> list[Dropped]:
        hour = dt.timedelta(hours=1)
        return [msgspec.structs.replace(each, modified=each.modified - hour) for each in waiting(zone)]

    def told() -> list[float]:
        now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
        span = {"StartTime": now - day, "EndTime": now + day, "Period": 172800, "Statistics": ["Minimum", "Maximum"]}
        (point,) = cloudwatch.get_metric_statistics(Namespace=namespace, MetricName="DropWait", **span)["Datapoints"]
        return [point["Minimum"], point["Maximum"]]

    depot.land()
    assert told() == [0.0, 0.0]
    depot.drop(JUNE)
    monkeypatch.setattr(Zone, "waiting", older)
    depot.land()
    least, most = told()
    assert (least, 3600 <= most < 3700) == (0.0, True)


def test_a_wait_that_cannot_be_told_keeps_no_file_away(
    depot: Depot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gap in a graph."""
    from anthill.alerts import metrics

    def refuse(seconds: float) -> None:
        raise ValueError("no such namespace")

    monkeypatch.setattr(metrics, "send_drop_wait", refuse)
    depot.drop(JUNE)
    assert depot.taken() == ["june.csv"]
    assert "The wait was not sent: ValueError: no such namespace" in capsys.readouterr().out
