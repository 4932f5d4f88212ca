"""Bronze and its source as OpenLineage names them."""

from __future__ import annotations

from anthill.dataset import Dataset
from anthill.facets import Told


def source(dataset: Dataset) -> Told:
    """Where the source has a dataset, with the fields of its rows."""
    fields = dict.fromkeys((*dataset.page_fields, *dataset.fields), ("", ""))
    return Told(f"{dataset.source}://api", dataset.endpoint, fields)


def bronze(dataset: Dataset, rows: int | None = None, size: int | None = None, bucket: str | None = None) -> Told:
    """The folder of a dataset in bronze, which has its rows as the source gave them; in its own bucket, or another."""
    from anthill import settings  # Airflow's configuration and S3's client, of which Databricks has neither
    from anthill.bronze.commits import dataset_folder

    folder = dataset_folder(dataset).rstrip("/")
    given = source(dataset)
    came_of = {name: ((given.namespace, given.name, name),) for name in given.columns}
    return Told(f"s3://{bucket or settings.bucket_of(dataset)}", folder, given.columns, rows, size, came_of)
