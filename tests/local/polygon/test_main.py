"""The server as a process: its command line, its speed, and that two of them agree to the byte."""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.local.polygon import forks
from tests.local.polygon.serving import GROUPED, KEY, ROOT, SMALL, Server, serving

PATHS = (
    f"{GROUPED}/2026-06-15?adjusted=false",
    f"{GROUPED}/2009-03-09",
    "/v2/aggs/ticker/ANTH/range/1/day/2020-01-01/2026-06-30?limit=500",
    "/v2/aggs/ticker/ANTH/range/1/minute/2026-06-15/2026-06-16",
    "/v3/reference/tickers?limit=1000&active=false",
    "/v3/reference/tickers/ANTH",
    "/stocks/v1/splits?limit=1000",
    "/stocks/v1/dividends?limit=1000",
    "/v2/reference/news?limit=50",
    "/v2/aggs/grouped/locale/global/market/fx/2026-06-14",
    "/v2/aggs/grouped/locale/global/market/crypto/2026-07-01",
    "/v2/aggs/ticker/C:EURUSD/range/1/minute/2026-06-14/2026-06-19?limit=50000",
    "/v2/aggs/ticker/X:ETHBTC/range/1/day/2020-01-01/2026-06-30",
    "/v2/aggs/ticker/I:VIX/range/1/minute/2026-06-15/2026-06-16",
    "/v3/reference/tickers?market=crypto&limit=1000",
    "/v3/snapshot/indices",
    "/v1/marketstatus/upcoming",
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the whole market."""
    with serving(tmp_path_factory.mktemp("full"), "--no-limits") as server:
        yield server


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Two processes with one seed answer the same requests with the same bytes; another seed answers others."""
    bodies = []
    for at, seed in enumerate(("5", "5", "6")):
        folder = tmp_path / str(at)
        folder.mkdir()
        with serving(folder, *SMALL, "--seed", seed) as server:
            host = server.base.encode()
            bodies.append([server.get(path).data.replace(host, b"HOST") for path in PATHS])
    assert bodies[0] == bodies[1]
    different = [one != other for one, other in zip(bodies[0], bodies[2], strict=True)]
    assert different == [True] * (len(PATHS) - 1) + [False]


def process_of(server: Server) -> psutil.Process:
    """The process that listens at a server's port."""
    port = int(server.base.rsplit(":", 1)[1])
    return next(
        child
        for child in psutil.Process().children(recursive=True)
        if any(connection.laddr.port == port for connection in child.net_connections() if connection.status == "LISTEN")
    )


def test_speed_of_whole_days(full: Server) -> None:
    """A day's 11,000 rows cost the server a few times what Python needs to write them, and the second time a tenth.

    Processor time beside processor time: the machine's speed and its other work are in both.
    """
    process = process_of(full)

    def cost(times: int) -> tuple[float, list[bytes]]:
        before = process.cpu_times()
        days = ("2026-06-02", "2026-06-03", "2012-06-04", "2019-06-05", "2024-06-05") * times
        answers = [full.get(f"{GROUPED}/{day}?adjusted=false", decode_content=False) for day in days]
        after = process.cpu_times()
        assert {answer.status for answer in answers} == {200}
        return (after.user + after.system - before.user - before.system) / times, [each.data for each in answers]

    made, bodies = cost(1)
    assert min(map(len, bodies)) > 300_000
    again, _ = cost(4)
    documents = [json.loads(gzip.decompress(body)) for body in bodies]
    begun = time.process_time()
    for document in documents:
        gzip.compress(json.dumps(document).encode(), 6)
    written = time.process_time() - begun
    assert made < 6 * written, (made, written)
    assert again < made / 10, (made, again)


def test_memory(full: Server) -> None:
    """The process stays below 500 MB after whole days, tickers, splits and dividends."""
    for day in range(1, 31):
        full.get(f"{GROUPED}/2026-04-{day:02}?adjusted=false")
    for path in PATHS:
        assert full.get(path).status == 200
    assert process_of(full).memory_info().rss < 500e6


def test_health_needs_no_key(small: Server) -> None:
    """The supervisor's question stands outside the API."""
    assert small.get("/healthz", key=None).data == b"ok"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--today", "soon"], "--today"),
        (["--plan", "gold"], "--plan"),
        (["--keys", "k:gold"], "no plan 'gold'"),
        (["--keys", "k:basic:-ratios"], "'ratios' is not the beginning of a path"),
        (["--clock", "noon"], "--clock"),
        (["--history", "/nonexistent"], "/nonexistent holds no stocks_daily.csv"),
        (["--faults", "/nonexistent.yaml"], "/nonexistent.yaml"),
        (["--stocks", "3"], "at least"),
        (["--forex", "61"], "at most 60 pairs"),
        (["--indices", "21"], "at most 20 simulated indices"),
    ],
)
def test_bad_arguments(tmp_path: Path, arguments: list[str], words: str) -> None:
    """A wrong argument ends the start with one message that names it."""
    server = forks.start(tmp_path, "--stocks", "60", *arguments)
    assert server.ended() == 2
    assert words in server.output()
    assert "Traceback" not in server.output()


def test_a_port_in_use(small: Server) -> None:
    """A port that is taken is named."""
    port = small.base.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "local.polygon", "--stocks", "60", "--otc", "0", "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def test_keys_stay_out_of_what_is_printed(tmp_path: Path, serve: Callable[..., Server]) -> None:
    """The line at the start tells the address and no key."""
    command = [sys.executable, "-m", "local.polygon", "--stocks", "60", "--otc", "0", "--keys", KEY]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    line = process.stdout.readline()
    process.terminate()
    rest = process.communicate()[0]
    assert "http://127.0.0.1:" in line
    assert KEY not in line + rest
