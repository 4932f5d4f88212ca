"""`make bench-sources`, its other half: a zip on the web to S3, as a landing takes it and the plain way."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from anthill.asset_class import AssetClass
from anthill.bronze.editions import Editions
from anthill.bronze.storage import client_config
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land_edition import land_edition
from anthill.sources.files.declaration import Edition, FilesDataset
from anthill.sources.files.remote import Remote
from anthill.sources.files.source import FilesSource
from local.enem import archive
from local.enem.columns import FULL
from local.enem.server import FOLDER, Server

_DAY = dt.date(2019, 12, 31)
_FILE, _MEMBER = "microdados_enem_2019.zip", "DADOS/MICRODADOS_ENEM_2019.csv"
_BUCKET = "bronze"


def ours(url: str, s3: Any) -> None:
    """The member as a landing takes it: checked, committed, named."""
    table = FilesDataset(
        "Candidates",
        ("id",),
        {"NU_INSCRICAO": "id"},
        editions={_DAY: Edition(f"{FOLDER}{_FILE}", _MEMBER, ("full",))},
        headers={"full": tuple(FULL)},
        encoding="ISO-8859-1",
        delimiter=";",
        source="files",
        asset_class="enem",
        name="candidates",
    )
    declared = AssetClass(
        asset_class="enem",
        description="",
        source="files",
        calendar="24/7",
        start_date=_DAY,
        due_after_close=dt.timedelta(),
        deadline_after_close=dt.timedelta(1),
        owner="",
        datasets={"candidates": table},
        gold=(),
    )
    committer, editions = Committer(s3, _BUCKET, "bench"), Editions(s3, _BUCKET, declared)
    source = FilesSource(Remote(url), "enem_default")
    land_edition(source, lambda _: committer, editions, declared.datasets, market_day("24/7", _DAY), "bench")


def plain(url: str, s3: Any) -> None:
    """The member as it is taken in most scripts."""
    import requests

    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(requests.get(f"{url}{FOLDER}{_FILE}", timeout=60).content)).extractall(folder)
        s3.upload_file(f"{folder}/{_MEMBER}", _BUCKET, "plain.csv")


def _side(side: str, url: str, s3_url: str) -> None:
    import boto3

    s3 = boto3.client("s3", endpoint_url=s3_url, aws_access_key_id="x", aws_secret_access_key="x",
                      region_name="us-east-1", config=client_config(16, 1))  # fmt: skip
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    {"ours": ours, "plain": plain}[side](url, s3)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": time.perf_counter() - started, "rss": most_memory()}))


def most_memory() -> float:
    """The most that this process held, in MB: ru_maxrss would begin with what its parent had."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def took(side: str, url: str, s3_url: str) -> dict[str, float]:
    """CPU seconds, seconds, and the most memory that a side of it took, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.files", "--side", side, "--url", url, "--s3", s3_url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(candidates: int) -> None:
    """Publish an edition, and print what each way took."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    s3 = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    s3.start()
    host, port = s3.get_host_and_port()
    s3_url = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=s3_url, aws_access_key_id="x", aws_secret_access_key="x",
                          region_name="us-east-1")  # fmt: skip
    client.create_bucket(Bucket=_BUCKET)
    try:
        with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
            archive.write(Path(folder) / _FILE, 2019, "full", candidates)
            with zipfile.ZipFile(Path(folder) / _FILE) as zipped:
                size = zipped.getinfo(_MEMBER).file_size / 1e9
            told = {side: took(side, server.url, s3_url) for side in ("plain", "ours")}
    finally:
        s3.stop()
    print(f"{candidates:,} candidates, {size:.2f} GB of CSV: zip on the web → S3")
    for side, each in told.items():
        per_gb = f"{each['cpu']:7.1f} CPU s {each['cpu'] / size:7.1f} s/GB"
        print(f"  {side:8} {per_gb} {each['rss']:6.0f} MB {each['wall']:7.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=2_000_000)
    parser.add_argument("--side")
    parser.add_argument("--url")
    parser.add_argument("--s3")
    given = parser.parse_args()
    _side(given.side, given.url, given.s3) if given.side else main(given.candidates)
