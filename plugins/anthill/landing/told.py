"""What a landing read and wrote, as OpenLineage tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anthill.bronze import told
from anthill.dataset import Dataset
from anthill.facets import Told, lineage
from anthill.ledger.results import Landed


def of(landings: Iterable[tuple[Dataset, Landed | None]], bucket: str | None = None) -> Any:
    """The source's datasets and bronze's, with rows and bytes where they are known; `bucket` is not each dataset's."""
    known = list(landings)
    return lineage([told.source(dataset) for dataset, _ in known], [_bronze(*each, bucket) for each in known])


def _bronze(dataset: Dataset, landed: Landed | None, bucket: str | None) -> Told:
    if landed is None:
        return told.bronze(dataset, bucket=bucket)
    return told.bronze(dataset, landed.rows, sum(commit.size for commit in landed.commits), bucket)
