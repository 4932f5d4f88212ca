"""The business at work, until it is told to stop: `python -m local.totesys --folder var/totesys`."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from local import signals
from local.totesys.business import Business
from local.totesys.server import Server

FIRST = 100  # events before anybody looks


def main() -> None:
    """Open it where it is new, then let an event happen every so often, at random."""
    commands = argparse.ArgumentParser("python -m local.totesys", description=__doc__)
    commands.add_argument("--folder", type=Path, required=True, help="the server's data; it is started where it rests")
    commands.add_argument("--every", type=float, default=2.0, help="seconds between two events, on average")
    commands.add_argument("--seed", type=int, default=None, help="what happens grows from it; otherwise from chance")
    asked = commands.parse_args()
    signals.install()
    server, chance = Server(asked.folder), random.Random(asked.seed)
    business = Business(server.connect, chance.getrandbits(32))
    if business.open():
        business.work(FIRST)
    while True:
        time.sleep(chance.expovariate(1 / asked.every))
        business.work(1)


if __name__ == "__main__":
    main()
