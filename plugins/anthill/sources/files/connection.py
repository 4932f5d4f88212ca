"""Where files are kept, as Airflow's connection `<asset class>_default` says: of the type HTTP, AWS or SFTP."""

from __future__ import annotations

from collections.abc import Iterable

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.bases.hook import BaseHook

from anthill.bronze.connections import client_of
from anthill.bronze.storage import THREADS, client_config
from anthill.dataset import Dataset
from anthill.include import include_dir
from anthill.sources.errors import FatalError
from anthill.sources.files.bucket import Bucket
from anthill.sources.files.declaration import FilesDataset
from anthill.sources.files.remote import Remote
from anthill.sources.files.source import FilesSource


def connect(datasets: Iterable[Dataset], slots: int, conn_id: str = "") -> FilesSource:
    """The files of one server, or of the bucket in an AWS connection's `service_config`; slots share no rate here."""
    tables = [each for each in datasets if isinstance(each, FilesDataset)]
    conn_id = conn_id or f"{tables[0].asset_class}_default"
    known = BaseHook.get_connection(conn_id)
    if known.conn_type == "aws":
        hook = S3Hook(aws_conn_id=conn_id, config=client_config(THREADS, 1))
        if not (bucket := hook.service_config.get("bucket_name")):
            advice = 'Put {"service_config": {"s3": {"bucket_name": "…"}}} into its extra'
            raise FatalError(f"the connection {conn_id} names no bucket", "", advice)
        return FilesSource(Bucket(client_of(hook), bucket), conn_id)
    if known.conn_type == "sftp":
        from anthill.sources.files.sftp_connection import opened  # who reads by another way is spared its libraries

        return FilesSource(opened(known, {table.host_key for table in tables if table.host_key}), conn_id)
    host = known.host or ""
    base = host if "://" in host else f"{known.schema or 'https'}://{host}"
    if known.port and "://" not in host:
        base += f":{known.port}"
    return FilesSource(Remote(base, _certificates(tables)), conn_id)


def requests_per_minute() -> int:
    """Nothing limits how often files are asked for."""
    return 0


def _certificates(tables: list[FilesDataset]) -> str:
    """What the server fails to send of its chain, as PEM."""
    folder = include_dir() / "certificates"
    found = []
    for name in sorted({table.certificate for table in tables if table.certificate}):
        try:
            found.append((folder / name).read_text())
        except OSError as error:
            advice = "Put it there as PEM, or take it out of the dataset's 'certificate'"
            raise FatalError(f"include/certificates/{name} cannot be read ({error.strerror})", "", advice) from error
    return "\n".join(found)
