"""What must be right before anything can be landed: connections, rights, the clock, the plan, versions."""

from __future__ import annotations

import datetime as dt
import platform
import uuid
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from anthill import catalog, settings
from anthill.bronze.commits import S3Client
from anthill.bronze.storage import code
from anthill.calendars import last_due
from anthill.sources.errors import NotEntitledError, OutsideHistoryError, SourceError, UnknownKeyError
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.market_status import market_status

_MOST_SKEW = 30.0  # seconds between two clocks that are both right
_PACKAGES = (
    "anthill",
    "apache-airflow",
    "apache-airflow-providers-amazon",
    "apache-airflow-providers-databricks",
    "boto3",
)
Errors = type[SourceError] | tuple[type[SourceError], ...]
_VALID_KEY = "Put a valid key into the password of polygon_default"
_JOBS = ("silver", "quality", "reconcile", "gold")
_OF_A_QUEUE = ("silver", "quality", "gold")


class Check(msgspec.Struct, frozen=True):
    """One thing looked at: whether it is well, what was seen, and what to do where it is not."""

    name: str
    ok: bool
    said: str
    do: str = ""
    asked: bool = True  # else another thing has to be well first, which says what to do
    dag: str = ""  # that has to be on for it to stay well


def storage(s3: S3Client, bucket: str, option: str = "bronze_bucket") -> list[Check]:
    """A bucket of bronze, which an option names, can be listed, written once and never over, and read."""
    key = f"polygon/_doctor/{uuid.uuid4().hex}.txt"  # never again: nothing may be deleted here
    do = f"Let the role of aws_default put, get and list under polygon/ of the bucket, or correct [anthill] {option}"

    def overwritten() -> str:
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=b"well", IfNoneMatch="*")
        except ClientError as error:
            if code(error) == "PreconditionFailed":
                return "a second writer is refused"
            raise
        raise RuntimeError(
            "a second writer was not refused: this S3 does not know If-None-Match, revisions may be lost"
        )

    return [
        _check(
            f"s3://{bucket} list",
            do,
            lambda: f"{s3.list_objects_v2(Bucket=bucket, MaxKeys=1)['KeyCount']} or more objects",
        ),
        _check(
            f"s3://{bucket} write",
            do,
            lambda: str(s3.put_object(Bucket=bucket, Key=key, Body=b"well", IfNoneMatch="*")["ETag"]),
        ),
        _check(f"s3://{bucket} write once", "Use an S3 with conditional writes", overwritten),
        _check(f"s3://{bucket} read", do, lambda: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()),
    ]


def documents(s3: S3Client, bucket: str) -> Check:
    """A document is created, and replaced by who has read it and by nobody else."""
    put = partial(s3.put_object, Bucket=bucket, Key=f"polygon/_doctor/{uuid.uuid4().hex}.txt")

    def replaced() -> str:
        etag = put(Body=b"well", IfNoneMatch="*")["ETag"]
        put(Body=b"read", IfMatch=etag)
        try:
            put(Body=b"lost", IfMatch=etag)
        except ClientError as error:
            if code(error) == "PreconditionFailed":
                return "replaced by who has read it, and by nobody else"
            raise
        raise RuntimeError("who had not read it was not refused: this S3 does not know If-Match, messages may be lost")

    do = (
        "Let the role of aws_default put, get and list under polygon/ of the bucket, let its policy admit If-Match, "
        "or correct [anthill] documents_bucket"
    )
    return _check(f"s3://{bucket} replace", do, replaced)


def api(client: Client, now: dt.datetime) -> list[Check]:
    """The key, and the clock and the plan where the API answers to it: one cause is told once."""
    first = key(client)
    if first.ok:
        return [first, clock(client), *entitlements(client, now)]
    names = ["clock", *(_plan_has(name) for name in catalog.with_past())]
    why = "the key is refused" if first.do == _VALID_KEY else "the API did not answer"
    return [first, *(Check(name, False, f"not asked: {why}", asked=False) for name in names)]


def clock(client: Client, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> Check:
    """This machine's clock beside the one of the API's answers."""

    def skew() -> str:
        answer = client.answer("/v1/marketstatus/now")
        if answer.date is None:
            return "the API does not tell the time"
        from anthill.http_date import http_date

        seconds = abs((http_date(answer.date) or 0.0) - now().timestamp())
        if seconds > _MOST_SKEW:
            raise RuntimeError(f"{seconds:.0f} s apart")
        return f"{seconds:.0f} s apart"

    return _check("clock", "Set this machine's clock by NTP: dates of market days depend on it", skew)


def key(client: Client) -> Check:
    """The API knows the key."""
    base = client.transport.base_url
    return _check(
        "polygon_default",
        _VALID_KEY,
        lambda: f"the market is {market_status(client).market} at {base}",
        about=UnknownKeyError,
    )


def rate(per_minute: int, slots: int) -> Check:
    """The plan's rate can be shared by the pool's slots."""
    said = f"{per_minute:,} calls a minute" if per_minute else "no limit"
    ok = not per_minute or per_minute >= slots
    return Check(
        "plan's rate", ok, f"{said}, {slots} slots", f"Give the pool and [anthill] pool_slots {per_minute} or fewer"
    )


def entitlements(client: Client, now: dt.datetime) -> list[Check]:
    """The plan has the first dataset of each asset class: a call each, for the last day that is due."""
    declared = [catalog.load(name) for name in catalog.with_past()]
    firsts = [(each, next(iter(each.historical.values()))) for each in declared]
    return [_entitled(client, each, first, now) for each, first in firsts if isinstance(first, PolygonDataset)]


def jobs(hook: Any) -> Check:
    """Databricks answers, and has the bundle's jobs."""
    do = "Check databricks_default, and deploy the bundle in databricks/ to this workspace"

    def found() -> str:
        queues = sorted({catalog.load(name).queue for name in catalog.asset_classes()} - {""})
        wanted = [settings.job_name(job) for job in _JOBS]
        wanted += [settings.job_name(job, queue) for queue in queues for job in _OF_A_QUEUE]
        missing = [name for name in wanted if hook.find_job_id_by_name(name) is None]
        if missing:
            raise RuntimeError(f"no job {', '.join(missing)}")
        return ", ".join(wanted)

    return _check("databricks_default", do, found)


def versions() -> Check:
    """What is installed here."""
    return Check("versions", True, ", ".join([f"python {platform.python_version()}", *map(_version, _PACKAGES)]))


def _entitled(client: Client, declared: catalog.AssetClass, dataset: PolygonDataset, now: dt.datetime) -> Check:
    do = "Upgrade the API plan, or turn this asset class's DAG off"

    def asked() -> str:
        day = last_due(declared.calendar, declared.due_after_close, now)
        if day is None:
            return "nothing is due yet"
        value = dataset.listed[0] if dataset.listed else ""
        call = dataset.call(day, dataset.shard_names[0], value)
        page = next(client.chain(call.path, call.params))
        return f"{dataset.name} of {day}: {len(page.rows):,} rows on its first page"

    return _check(_plan_has(declared.asset_class), do, asked, about=(NotEntitledError, OutsideHistoryError))


def _plan_has(asset_class: str) -> str:
    return f"plan has {asset_class}"


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} from its folder"


def _check(name: str, do: str, look: Callable[[], str], about: Errors = ()) -> Check:
    """What a look came to; `about` are the source's errors that `do` helps against, others have their own advice."""
    try:
        return Check(name, True, look())
    except SourceError as error:
        return Check(name, False, error.fact, do if isinstance(error, about) else error.advice)
    except (ClientError, BotoCoreError, RuntimeError, OSError, KeyError) as error:
        return Check(name, False, str(error), do)
    except Exception as error:  # a provider's own kind of failure is what the doctor is asked about
        return Check(name, False, f"{type(error).__name__}: {error}", do)
