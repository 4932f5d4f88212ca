"""Plans and what came of them, in bronze's bucket: each object is written once and never replaced.

Bronze's policy refuses a PUT over what is there and every deletion, and in prod the objects are locked: what was
approved stays what it was. Its prefix is its own, and no principal of Databricks reads it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, Self

import msgspec

from anthill.bronze import written_once
from anthill.bronze.commits import S3Client, TamperedError
from anthill.bronze.storage import Patience
from anthill.governance import plan as plans
from anthill.governance.plan import Plan

PREFIX = "governance/"
Outcome = Literal["applied", "rejected", "unanswered", "moved", "failed"]
_RECORD = re.compile(rf"{PREFIX}records/\d{{8}}T\d{{12}}Z-(?P<outcome>[a-z]+)-(?P<sha256>[0-9a-f]{{64}})\.json")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Who approved which plan when, and what came of it; `by` is a person, or the declaration where nobody is asked."""

    sha256: str
    outcome: Outcome
    by: str
    answered_at: dt.datetime | None
    run: str
    at: dt.datetime
    added: int = 0
    removed: int = 0
    said: str = ""  # why it was not applied

    @property
    def key(self) -> str:
        """Where it lies; in the order of time."""
        return f"{PREFIX}records/{self.at:%Y%m%dT%H%M%S%f}Z-{self.outcome}-{self.sha256}.json"


class Records:
    """The environment's plans and records."""

    def __init__(self, s3: S3Client, bucket: str, patience: Patience | None = None) -> None:
        self._s3, self._bucket, self._patience = s3, bucket, patience or Patience(tries=5)

    @classmethod
    def of(cls, aws_conn_id: str = "aws_default") -> Self:
        """Those of the environment, through an Airflow connection."""
        from anthill import settings
        from anthill.bronze.connections import s3_client

        return cls(s3_client(aws_conn_id), settings.bronze_bucket())

    def keep(self, plan: Plan) -> str:
        """Keep a plan under its sha256, which is returned; the same plan once more is no second object."""
        self._create(_plan_key(plan.sha256), plan.body())
        return plan.sha256

    def plan(self, sha256: str) -> Plan:
        """A plan by its sha256; TamperedError where its bytes are others."""
        key = _plan_key(sha256)
        found = plans.read(self._get(key))
        if found.sha256 != sha256:
            raise TamperedError(f"s3://{self._bucket}/{key} is the plan {found.sha256}: somebody wrote it by hand.")
        return found

    def write(self, record: Record) -> str:
        """Keep what came of a plan; its key."""
        self._create(record.key, msgspec.json.encode(record))
        return record.key

    def newest_key(self) -> str | None:
        """Where the record of the newest plan lies that was applied."""
        found = (key for key in self._keys() if (m := _RECORD.fullmatch(key)) and m["outcome"] == "applied")
        return max(found, default=None)

    def newest(self) -> Record | None:
        """That record."""
        key = self.newest_key()
        return self.record(key) if key else None

    def record(self, key: str) -> Record:
        """A record by its key."""
        return msgspec.json.decode(self._get(key), type=Record)

    def approved(self) -> Plan | None:
        """The newest plan that was applied."""
        record = self.newest()
        return self.plan(record.sha256) if record else None

    def _keys(self) -> list[str]:
        prefix = f"{PREFIX}records/"

        def listed() -> list[str]:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

        return self._patience.call(listed, self._bucket, prefix)

    def _get(self, key: str) -> bytes:
        def get() -> bytes:
            body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            return body

        return self._patience.call(get, self._bucket, key)

    def _create(self, key: str, body: bytes) -> None:
        written = written_once.put(self._s3, self._bucket, key, body, self._patience)
        if not written and self._get(key) != body:
            raise TamperedError(f"s3://{self._bucket}/{key} is there already, and says something else.")


def _plan_key(sha256: str) -> str:
    return f"{PREFIX}plans/{sha256}.json"
