"""One conditional PUT makes a chain visible, whole, once."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from anthill import catalog
from anthill.bronze.commits import Place, newest_revisions, read_commit
from anthill.bronze.storage import Patience, StorageError, StorageFatalError
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content

from .s3 import s3_at
from .s3_faults import Fault, S3Proxy
from .test_content import FIRST, page

PLACE = Place("polygon", "stocks", "splits", str(dt.date(2014, 6, 6)))
SHORT = Patience(tries=4, first=0.01, longest=0.02)
KEY = PLACE.key(1)


def commit(s3: Any, bucket: str, rows: list[int], *, run: str = "run", later: float = 0, nonce: int = 0) -> Committed:
    """Commit a chain of one page, answered so many seconds later."""
    asof = FIRST + dt.timedelta(seconds=later)
    given = msgspec.structs.replace(page(rows, nonce), asof=asof)
    with Content.of([given]) as content:
        return Committer(s3, bucket, run, SHORT).commit(PLACE, content)


def stored(s3: Any, bucket: str) -> list[list[int]]:
    """The rows of every revision, in order."""
    keys = sorted(entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []))
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    return [json.loads(gzip.decompress(body))["results"] for body in bodies]


def test_the_object_says_what_it_is(s3: Any, bucket: str) -> None:
    """Its metadata is the commit that was returned."""
    done = commit(s3, bucket, [1, 2, 3], run="dag/manual__ü 2014/land/1")
    assert done.outcome == "landed"
    assert read_commit(s3, bucket, KEY) == done.commit
    assert (done.commit.rows, done.commit.pages, done.commit.revision) == (3, 1, 1)


def test_an_object_is_put_under_a_condition_with_its_sha256(s3: Any, bucket: str) -> None:
    """S3 refuses bytes that changed on the way, keeps their sha256, and never replaces what is there; ASCII only."""
    sent: list[Any] = []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(dict(request.headers)))
    done = commit(s3, bucket, [1, 2], run="dag/r/land/1")
    ((headers),) = sent
    body = s3.get_object(Bucket=bucket, Key=KEY, ChecksumMode="ENABLED")
    sha256 = hashlib.sha256(body["Body"].read())
    checksum = base64.b64encode(sha256.digest()).decode()
    assert body["ChecksumSHA256"] == checksum
    assert body["ContentType"] == "application/x-ndjson"
    told = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
    assert (told["if-none-match"], told["x-amz-checksum-sha256"]) == ("*", checksum)
    assert body["Metadata"] == {
        "sha256": sha256.hexdigest(),
        "digest": done.commit.digest,
        "rows": "2",
        "pages": "1",
        "asof": "2014-06-06T22:00:00+00:00",
        "run": "dag/r/land/1",
    }


def test_the_sha256_is_that_of_the_bytes_as_they_came(s3: Any, bucket: str) -> None:
    """Not of what the disk gives back: S3 refuses bytes that changed meanwhile."""
    sent: list[Any] = []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(dict(request.headers)))
    with Content.of([page([1])]) as content:
        content.file.seek(0)
        content.file.write(b"x")
        Committer(s3, bucket, "run", SHORT).commit(PLACE, content)
        came = base64.b64encode(bytes.fromhex(content.sha256)).decode()
    (told,) = ({name.lower(): value for name, value in headers.items()} for headers in sent)
    assert told["x-amz-checksum-sha256"] in (came, came.encode())


def test_a_flat_file_is_put_as_csv(s3: Any, bucket: str) -> None:
    """With the version that it was; its name may hold anything."""
    with Content.of([msgspec.structs.replace(page([1]), form="csv")], "etag ü 12") as content:
        done = Committer(s3, bucket, "run", SHORT).commit(PLACE, content)
    assert done.commit.key == PLACE.key(1, "csv")
    stored = s3.head_object(Bucket=bucket, Key=done.commit.key)
    assert (stored["ContentType"], stored["Metadata"]["source"]) == ("text/csv", "etag%20%C3%BC%2012")
    assert read_commit(s3, bucket, done.commit.key) == done.commit


def test_an_answer_of_the_same_second_follows(s3: Any, bucket: str) -> None:
    """Only an older one is superseded: the API's clock counts in seconds."""
    assert commit(s3, bucket, [1]).outcome == "landed"
    assert commit(s3, bucket, [2], nonce=1).outcome == "restated"
    assert commit(s3, bucket, [3], later=-1, nonce=2).outcome == "superseded"
    assert commit(s3, bucket, [2], later=-1, nonce=3).outcome == "unchanged"


def test_rows_that_only_their_number_tells_apart_are_a_restatement(
    s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest is a sum: one that is the same by chance is not enough."""
    commit(s3, bucket, [1])
    monkeypatch.setattr(Content, "digest", read_commit(s3, bucket, KEY).digest)
    assert commit(s3, bucket, [2, 3], later=1, nonce=1).outcome == "restated"


def test_whoever_comes_second_to_every_revision_gives_up(s3: Any, bucket: str) -> None:
    """After a thousand revisions, with the place and what to do."""

    class Always(Committer):
        """Somebody else is always there first, with an older answer."""

        puts = 0

        def _put(self, place: Place, revision: int, content: Content) -> None:
            self.puts += 1

        def newest(self, place: Place) -> Any:
            return msgspec.structs.replace(done.commit, revision=self.puts)

    done = commit(s3, bucket, [1])
    racing = Always(s3, bucket, "run", SHORT)
    said = rf"s3://{bucket}/{PLACE.prefix}: others always take the next revision first. Retry the task"
    with Content.of([page([2], 1)]) as content, pytest.raises(StorageError, match=said):
        racing.commit(PLACE, content, done.commit)
    assert racing.puts == 1000


def test_an_object_that_is_gone_while_it_is_compared_is_told(s3: Any, s3_url: str, bucket: str) -> None:
    """Bronze is never deleted from: the task's retry looks again, the message has the key."""
    commit(s3, bucket, [1])
    with S3Proxy(s3_url, always={"HEAD": Fault(404, "NoSuchKey")}) as proxy:
        said = rf"s3://{bucket}/{KEY} was there and is gone: .*Retry the task"
        with pytest.raises(StorageError, match=said) as caught:
            commit(s3_at(proxy.url), bucket, [1, 2], later=1)
    assert not isinstance(caught.value, StorageFatalError)


def test_what_was_never_landed_is_none(s3: Any, bucket: str) -> None:
    """And what was is its newest revision; what is known to be there is not looked at again."""
    committer = Committer(s3, bucket, "run", SHORT)
    assert committer.newest(PLACE) is None
    done = commit(s3, bucket, [1])
    assert committer.newest(PLACE) == done.commit
    with Content.of([page([1], 1)]) as content:
        unread = Committer(None, bucket, "run", SHORT)
        assert unread.commit(PLACE, content, done.commit) == Committed("unchanged", done.commit)


def test_the_same_rows_again_change_nothing(s3: Any, bucket: str) -> None:
    """Another request id, another order, a later clock: unchanged, one object."""
    first = commit(s3, bucket, [1, 2, 3])
    again = commit(s3, bucket, [3, 1, 2], run="other", later=60, nonce=1)
    assert (again.outcome, again.commit) == ("unchanged", first.commit)
    assert stored(s3, bucket) == [[1, 2, 3]]


def test_other_rows_are_a_restatement(s3: Any, bucket: str) -> None:
    """A later answer with other rows follows; the earlier stays; going back is a third revision."""
    for later, rows in enumerate([[1], [1, 2], [1]]):
        done = commit(s3, bucket, rows, later=later, nonce=later)
        assert (done.outcome, done.commit.revision) == ("restated" if later else "landed", later + 1)
    assert stored(s3, bucket) == [[1], [1, 2], [1]]
    assert newest_revisions(s3, bucket, catalog.load("stocks").datasets["splits"], str(PLACE.market_date)) == {
        "": PLACE.key(3)
    }


def test_no_rows_are_a_commit(s3: Any, bucket: str) -> None:
    """An empty day is told apart from one never fetched, and later rows restate it."""
    assert commit(s3, bucket, []).commit.rows == 0
    assert commit(s3, bucket, [], nonce=1).outcome == "unchanged"
    assert commit(s3, bucket, [1], later=1).outcome == "restated"


def test_a_stale_backfill_that_finishes_last(s3: Any, bucket: str) -> None:
    """An older answer never follows a newer one."""
    newer = commit(s3, bucket, [1, 2], later=3600)
    stale = commit(s3, bucket, [1], later=0, run="stale")
    assert (stale.outcome, stale.commit) == ("superseded", newer.commit)
    assert stored(s3, bucket) == [[1, 2]]


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(503, "SlowDown"), Fault(503, "SlowDown")],
        [Fault(500, "InternalError")],
        [Fault()],
        [Fault(applied=True)],
        [Fault(applied=True, hang=600)],
        [Fault(500, "InternalError", applied=True), Fault(503, "SlowDown")],
        [Fault(409, "ConditionalRequestConflict")],
    ],
    ids=str,
)
def test_a_put_that_fails_or_whose_answer_is_lost(s3: Any, s3_url: str, bucket: str, faults: list[Fault]) -> None:
    """In the end there is one commit, and this run knows it as its own."""
    with S3Proxy(s3_url, {"PUT": list(faults)}) as proxy:
        done = commit(s3_at(proxy.url, read_timeout=5 if faults[0].hang else 60), bucket, [1, 2])
    assert done.outcome == "landed"
    assert proxy.puts() == len(faults) + 1
    assert stored(s3, bucket) == [[1, 2]]
    assert read_commit(s3, bucket, KEY) == done.commit


def test_a_lost_answer_to_the_same_bytes_of_another_run(s3: Any, s3_url: str, bucket: str) -> None:
    """A 412 after a failed try is only ours if the object names this run."""
    commit(s3, bucket, [1], run="first")
    with S3Proxy(s3_url, {"PUT": [Fault(503, "SlowDown")]}) as proxy:
        assert commit(s3_at(proxy.url), bucket, [1], run="second").outcome == "unchanged"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_look_at_what_is_there_fails_first(s3: Any, s3_url: str, bucket: str, method: str) -> None:
    """SlowDown and lost answers while comparing are tried again, too."""
    commit(s3, bucket, [1])
    with S3Proxy(s3_url, {method: [Fault(503, "SlowDown"), Fault()]}) as proxy:
        assert commit(s3_at(proxy.url), bucket, [1, 2], later=1).outcome == "restated"
    assert stored(s3, bucket) == [[1], [1, 2]]


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [(403, "AccessDenied", "put, get and list"), (400, "ExpiredToken", "Renew"), (404, "NoSuchBucket", "Create")],
)
def test_what_no_retry_mends(s3: Any, s3_url: str, bucket: str, status: int, code: str, advice: str) -> None:
    """One PUT, nothing stored, and a text with bucket, key and what to do."""
    with S3Proxy(s3_url, {"PUT": [Fault(status, code)]}) as proxy:
        with pytest.raises(StorageFatalError, match=rf"s3://{bucket}/{KEY}: {code}: .*{advice}"):
            commit(s3_at(proxy.url), bucket, [1])
        assert proxy.puts() == 1
    assert stored(s3, bucket) == []


def test_a_fault_that_stays(s3_url: str, s3: Any, bucket: str) -> None:
    """Patience ends in an error that a task's retry may mend."""
    with S3Proxy(s3_url, always={"PUT": Fault(503, "SlowDown")}) as proxy:
        with pytest.raises(StorageError, match="SlowDown") as caught:
            commit(s3_at(proxy.url), bucket, [1])
        assert proxy.puts() == 4
    assert not isinstance(caught.value, StorageFatalError)
    assert stored(s3, bucket) == []


@pytest.mark.parametrize("runs", [2, 8])
def test_runs_at_once_make_one_commit(s3: Any, s3_url: str, bucket: str, runs: int) -> None:
    """All PUT at the same moment; one lands, the others find it."""
    together = threading.Barrier(runs)
    with S3Proxy(s3_url) as proxy, ThreadPoolExecutor(runs) as pool:
        proxy.before = lambda method, path: together.wait(10) if method == "PUT" else None
        clients = [s3_at(proxy.url) for _ in range(runs)]
        done = list(pool.map(lambda n: commit(clients[n], bucket, [1, 2], run=f"run{n}", nonce=n), range(runs)))
    assert sorted(each.outcome for each in done) == ["landed"] + ["unchanged"] * (runs - 1)
    assert len({each.commit.key for each in done}) == 1
    assert stored(s3, bucket) == [[1, 2]]


def test_restatements_at_once_keep_the_newest_on_top(s3: Any, s3_url: str, bucket: str) -> None:
    """Eight different answers race: whatever the order, the newest is the highest revision."""
    with ThreadPoolExecutor(8) as pool:
        clients = [s3_at(s3_url) for _ in range(8)]
        list(pool.map(lambda n: commit(clients[n], bucket, [n], run=f"run{n}", later=n), range(8)))
    revisions = stored(s3, bucket)
    assert revisions[-1] == [7]
    assert sorted(revisions) == revisions


def test_where_the_newest_was_looked_for_is_told(s3: Any) -> None:
    """What S3 refuses names the bucket and the place that was listed."""
    place = Place("polygon", "stocks", "splits", str(dt.date(2014, 6, 6)))
    with pytest.raises(
        StorageFatalError, match=r"s3://no-such-bucket/polygon/stocks/splits/date=2014-06-06/.*: NoSuch"
    ):
        Committer(s3, "no-such-bucket", "run").newest(place)
