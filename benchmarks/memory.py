"""What a landing process holds beyond its start: one large page, many large days at once, a page of tiny items.

Each in a process of its own, against a server and an S3 over HTTP; the peak is the kernel's (VmHWM, set back first).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from isal import igzip

from benchmarks.landing import object_store
from benchmarks.pages import days
from benchmarks.sides import s3_client

ROOT = Path(__file__).parent.parent
ROW = '{{"T":"S{:07d}","v":7500000.5,"vw":12.3456,"o":12.1,"c":12.2,"h":12.9,"l":11.8,"t":1402084800000,"n":{}}}'
WORKS = {"one page of 93 MB": (1, "93"), "16 days of 121 MB": (16, "121"), "40 million items in 80 MB": (1, "tiny")}


def body(kind: str) -> bytes:
    """A page of so many MB, or one of tiny items."""
    if kind == "tiny":
        content = b'{"status":"OK","results":[' + b"0," * (40_000_000 - 1) + b"0]}"
    else:
        size = len(ROW.format(0, 1000)) + 1
        rows = ",".join(ROW.format(number, number * 7919 % 9000 + 1000) for number in range(int(kind) * 10**6 // size))
        content = f'{{"status":"OK","results":[{rows}]}}'.encode()
    return bytes(igzip.compress(content, 1))


def serve(answer: bytes) -> ThreadingHTTPServer:
    """A server that gives one body for any day, in another process than the one that is measured."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def measure(api: str, s3_url: str, bucket: str, count: int, budget: int) -> dict[str, Any]:
    """Land in this process; megabytes before, and the most beyond them."""
    from anthill import catalog
    from anthill.intervals import of_days
    from anthill.landing.commit import Committer
    from anthill.landing.land import land_all
    from anthill.ledger.results import Landed
    from anthill.sources.polygon.client import Client
    from anthill.sources.polygon.rate_limit import Gate
    from anthill.sources.polygon.source import PolygonSource
    from anthill.sources.polygon.transport import Limits, Transport

    source = PolygonSource(Client(Transport(api, "benchmark-key", Limits(memory=budget << 20)), Gate(0)))
    committer = Committer(s3_client(s3_url), bucket, "benchmark")
    dataset = catalog.load("stocks").datasets["splits"]
    Path("/proc/self/clear_refs").write_text("5")
    before, rows = _held("VmRSS"), 0
    for result in land_all(source, committer, dataset, of_days(dataset.calendar, days(count))):
        if not isinstance(result, Landed):
            raise result.reason
        rows += result.rows
    return {"before": before, "beyond": _held("VmHWM") - before, "rows": rows, "cpu": sum(os.times()[:2])}


def _held(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def main() -> None:
    """Print a line for each work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=int, default=256, help="[anthill] landing_memory_mb (256)")
    parser.add_argument("--land", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.land:
        api, s3_url, bucket, count = options.land
        print(json.dumps(measure(api, s3_url, bucket, int(count), options.budget)))
        return
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    with object_store() as s3_url:
        for number, (name, (count, kind)) in enumerate(WORKS.items()):
            server = serve(body(kind))
            bucket = f"memory-{number}"
            s3_client(s3_url).create_bucket(Bucket=bucket)
            api = f"http://127.0.0.1:{server.server_address[1]}"
            command = [sys.executable, "-m", "benchmarks.memory", "--budget", str(options.budget)]
            command += ["--land", api, s3_url, bucket, str(count)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
            server.shutdown()
            found = json.loads(done.stdout)
            print(
                f"{name:28} {found['rows']:12,} rows, {found['cpu']:6.1f} CPU s, {found['before']:5.0f} MB at first, "
                f"{found['beyond']:5.0f} MB beyond it (setting: {options.budget} MB)",
                flush=True,
            )


if __name__ == "__main__":
    main()
