"""Which market days a backfill would still land."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from anthill.backfill.land_chunk import missing
from anthill.dataset import Dataset
from anthill.intervals import of_days
from anthill.ledger.documents import Documents


def lacking(s3: Any, bucket: str, dataset: Dataset, days: Sequence[dt.date]) -> list[dt.date]:
    """Of these market days, those that are missing by the index and bronze."""
    return [each.day for each in missing(s3, bucket, Documents(s3, bucket), dataset, of_days(dataset.calendar, days))]
