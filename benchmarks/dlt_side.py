"""dlt's rest_api source into its filesystem destination, in an environment of its own; says what it took as JSON."""

from __future__ import annotations

import json
import os
import pathlib
import resource
import sys
import tempfile
import time


def _peak_mb() -> float:
    """The most that this process held; the kernel's own maxrss begins with the parent's."""
    with pathlib.Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main(api: str, folder: str, paths: list[str]) -> None:
    """Load every path's `results` into one table of JSON lines, compressed as dlt does it."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(DLT_DATA_DIR=home, RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL")
        import dlt
        from dlt.sources.rest_api import rest_api_source

        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        resources = [
            {
                "name": f"r{number}",
                "table_name": "bars",
                "parallelized": True,
                "endpoint": {"path": path, "paginator": "single_page", "data_selector": "results"},
            }
            for number, path in enumerate(paths)
        ]
        client = {"base_url": api, "auth": {"type": "bearer", "token": "benchmark-key"}}
        source = rest_api_source({"client": client, "resources": resources})
        destination = dlt.destinations.filesystem(bucket_url=f"file://{folder}")
        dlt.pipeline("bench", destination=destination, dataset_name="bronze", pipelines_dir=home).run(
            source, loader_file_format="jsonl"
        )
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "rss_mb": _peak_mb()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.load(sys.stdin))
