"""One recorder at a time, by S3's conditions and S3's clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill.recorder.errors import LeaseLostError
from anthill.recorder.lease import LENGTH, Held, Lease


def lease(s3: Any, bucket: str, holder: str) -> Lease:
    """A recorder's claim on stocks."""
    return Lease(s3, bucket, "stocks", holder)


def let_pass(s3: Any, bucket: str) -> None:
    """Let the time of whoever holds it be over."""
    key = "polygon_stream/stocks/_lease.json"
    held = msgspec.json.decode(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), type=Held)
    assert dt.timedelta(0) < held.until - dt.datetime.now(dt.UTC) <= LENGTH
    held.until -= LENGTH + dt.timedelta(seconds=2)
    s3.put_object(Bucket=bucket, Key=key, Body=msgspec.json.encode(held))


def test_a_second_recorder_waits_until_it_is_over(s3: Any, bucket: str) -> None:
    """And is told who has it until when."""
    assert lease(s3, bucket, "one").take() is None
    held = lease(s3, bucket, "two").take()
    assert held is not None
    assert held.holder == "one"
    let_pass(s3, bucket)
    assert lease(s3, bucket, "two").take() is None


def test_a_restart_takes_its_own_back_at_once(s3: Any, bucket: str) -> None:
    """And the process before it, should it still run, learns that at its next renewal."""
    before = lease(s3, bucket, "one")
    assert before.take() is None
    assert lease(s3, bucket, "one").take() is None
    with pytest.raises(LeaseLostError, match="one holds the lease"):
        before.renew()


def test_who_lost_it_does_not_take_it_back(s3: Any, bucket: str) -> None:
    """Not by renewing, and not by letting it go."""
    first, second = lease(s3, bucket, "one"), lease(s3, bucket, "two")
    assert first.take() is None
    let_pass(s3, bucket)
    assert second.take() is None
    with pytest.raises(LeaseLostError, match="two holds the lease"):
        first.renew()
    held = first.take()
    assert held is not None
    assert held.holder == "two"
    second.renew()


def test_of_two_at_once_one_has_it(s3: Any, bucket: str) -> None:
    """Who read before the other wrote is refused by S3."""
    first, second = lease(s3, bucket, "one"), lease(s3, bucket, "two")
    read = second._read
    seen = read()
    assert first.take() is None
    second._read = lambda: seen if seen and not seen[1] else read()  # type: ignore[method-assign]
    assert second._put("", LENGTH) is False


def test_what_is_let_go_is_free(s3: Any, bucket: str) -> None:
    """For another name, at once."""
    first = lease(s3, bucket, "one")
    assert first.take() is None
    first.release()
    assert lease(s3, bucket, "two").take() is None


def test_an_answer_that_was_lost_is_no_other_recorder(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renewal that S3 took, tried again since its answer did not come, is ours."""
    from botocore.exceptions import ReadTimeoutError

    mine = lease(s3, bucket, "one")
    assert mine.take() is None
    put, calls = s3.put_object, []

    def lossy(**given: Any) -> Any:
        calls.append(given)
        answer = put(**given)
        if len(calls) == 1:
            raise ReadTimeoutError(endpoint_url="s3")
        return answer

    monkeypatch.setattr(s3, "put_object", lossy)
    mine.renew()
    mine.renew()
    assert len(calls) == 3
