"""The answer about a file whose rows were loaded: silver's rows, and which of its lines are in quarantine."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from anthill.bronze.commits import Commit, S3Client
from anthill.dataset import Dataset
from anthill.drops.land import Taken
from anthill.drops.zone import Answer, Zone
from anthill.export.forms import FORMS
from anthill.lakehouse import statements
from anthill.warehouse.names import quoted

if TYPE_CHECKING:
    from anthill.warehouse.warehouse import Warehouse

Bad = tuple[str, str]  # a row that is in quarantine, as it came, and why


def tell(zone: Zone, s3: S3Client, warehouse: Warehouse, dataset: Dataset, taken: Taken) -> Answer:
    """Answer about a file: its rows as Parquet and CSV, its bad lines with their numbers."""
    commit = taken.commit
    uri = f"s3://{commit.bucket}/{commit.key}"
    bad = _bad(warehouse, uri)
    with TemporaryDirectory(prefix="drop-") as folder:
        accepted, files = _accepted(Path(folder), warehouse, dataset, uri)
        if bad:
            files.append(_of_bad(Path(folder) / "quarantined.csv", s3, commit, dataset, bad))
        answer = Answer(
            file=taken.dropped.key,
            version=taken.dropped.version,
            dropped=taken.dropped.modified,
            outcome="accepted",
            rows=commit.rows,
            accepted=accepted,
            duplicates=commit.rows - accepted - len(bad),
            quarantined=len(bad),
            sha256=_sha256(s3, commit),
            bronze=uri,
        )
        return zone.answer(taken.dropped, answer, files)


def _accepted(folder: Path, warehouse: Warehouse, dataset: Dataset, uri: str) -> tuple[int, list[Path]]:
    """How many rows of a file silver has, and them as files, a batch at a time."""
    table = statements.table("silver", dataset.asset_class, dataset.name)
    order = ", ".join(map(quoted, dataset.key))
    query = f"SELECT * FROM {table} WHERE source_uri = :uri ORDER BY {order}"  # noqa: S608 names of ours
    rows = warehouse.stream(query, uri=uri)
    paths = [folder / "accepted.parquet", folder / "accepted.csv"]
    with ExitStack() as held:
        sinks = [held.enter_context(path.open("wb")) for path in paths]
        forms = [FORMS[path.suffix[1:]](sink, rows.schema) for path, sink in zip(paths, sinks, strict=True)]
        count = 0
        for batch in rows.batches:
            count += batch.num_rows
            for form in forms:
                form.write(batch)
        for form in forms:
            form.close()
    return count, paths


def _bad(warehouse: Warehouse, uri: str) -> list[Bad]:
    """Its rows that are in quarantine, as they came, and why."""
    query = "SELECT row, reason FROM quality.quarantine WHERE source_uri = :uri"
    return [(row["row"] or "", row["reason"]) for row in warehouse.records(query, uri=uri)]


def _of_bad(path: Path, s3: S3Client, commit: Commit, dataset: Dataset, bad: Sequence[Bad]) -> Path:
    """The bad lines with their numbers, as they stand in the file."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for row, reason in bad:
        reasons[row].append(reason)
    with path.open("w", newline="", encoding="utf-8") as sink:
        lines = csv.writer(sink, lineterminator="\n")
        lines.writerow(["line", "reason", "row"])
        with gzip.open(s3.get_object(Bucket=commit.bucket, Key=commit.key)["Body"]) as packed:
            lines.writerows(_numbered(packed, dataset.encoding, reasons))
    return path


def _numbered(
    packed: Iterable[bytes], encoding: str, reasons: Mapping[str, list[str]]
) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(packed, 1):
        text = line.removesuffix(b"\n").removesuffix(b"\r").decode(encoding)
        if number > 1 and reasons.get(text):
            yield number, reasons[text].pop(0), text


def _sha256(s3: S3Client, commit: Commit) -> str:
    """Of the file as it was dropped."""
    digest = hashlib.sha256()
    with gzip.open(s3.get_object(Bucket=commit.bucket, Key=commit.key)["Body"]) as packed:
        while piece := packed.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
