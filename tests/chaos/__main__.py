"""`make chaos`: many nights under random faults and kills, and what must be true after them."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
START = dt.date(2026, 2, 2)  # the day before the first night


def main() -> None:
    """Run until the time is over; exit code 1, with the seed, where something was lost or doubled."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long nights go on (10)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="replays a run")
    parser.add_argument("--nights", type=int, default=100, help="nights at most (100)")
    parser.add_argument("--sources", type=int, default=4, help="nights of ToteSys and ENEM before them (4), 0 for none")
    arguments = parser.parse_args()
    home = ROOT / "var" / "chaos"
    shutil.rmtree(home, ignore_errors=True)
    print(f"Seed {arguments.seed}; logs in {home}", flush=True)
    with tempfile.TemporaryDirectory() as airflow:
        configure(Path(airflow))
        wrong = disturb_sources(home / "sources", arguments.seed, arguments.sources) if arguments.sources else []
        wrong += disturb(home, arguments.seed, arguments.minutes * 60, arguments.nights)
    if wrong:
        print("\n".join(f"WRONG  {each}" for each in wrong))
        replay = f"make chaos SEED={arguments.seed} SOURCES={arguments.sources} NIGHTS={nights_of(home)}"
        sys.exit(f"{len(wrong)} things are wrong. Replay: {replay}")


def configure(home: Path) -> None:
    """Airflow's settings, before it is imported anywhere."""
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AWS_EC2_METADATA_DISABLED="true",
    )


def say(text: str) -> None:
    """A line at once, whoever reads it."""
    print(text, flush=True)


def disturb_sources(home: Path, seed: int, nights: int) -> list[str]:
    """Nights of ToteSys and ENEM, then fine weather, then the verdict: what is wrong."""
    from tests.chaos.said import Said
    from tests.chaos.simulation import Simulation
    from tests.chaos.sources import Sources
    from tests.chaos.world import World

    with World(home, START) as world:
        simulation = Simulation(world, seed, say)
        with Sources(world, seed, simulation.outcome, say) as sources:
            for number in range(nights):
                sources.night(number)
            wrong = [f"in fine weather: {error}" for error in sources.last_resort()]
            said = Said(sources)
            wrong += said.all()
            told = ", ".join(f"{number:,} {what}" for what, number in simulation.tally.items())
            say(
                f"{nights} nights of the sources: {told}, {sources.broken:,} connections to the database broken; "
                f"{len(world.proxy.seen):,} calls of S3; {said.objects:,} objects in bronze, all read back"
            )
    return wrong


def disturb(home: Path, seed: int, seconds: float, nights: int) -> list[str]:
    """Nights for so many seconds or so many of them, then fine weather, then the verdict: what is wrong."""
    from tests.chaos.simulation import Simulation
    from tests.chaos.verdict import Verdict
    from tests.chaos.world import World

    with World(home, START) as world:
        simulation = Simulation(world, seed, say)
        simulation.run(time.monotonic() + seconds, nights)
        (home / "nights").write_text(str(simulation.tally["nights"]))
        wrong = [*(f"in fine weather: {error}" for error in simulation.last_resort()), *simulation.wrong]
        verdict = Verdict(world, simulation.first, simulation.claims)
        verdict.bronze()
        verdict.silver()
        verdict.gold()
        told = ", ".join(f"{number:,} {what}" for what, number in simulation.tally.items())
        say(f"{told}; {len(world.proxy.seen):,} calls of S3; {verdict.revisions:,} revisions in bronze, all read back")
    return [*wrong, *verdict.wrong]


def nights_of(home: Path) -> str:
    """How many nights there were."""
    return (home / "nights").read_text()


if __name__ == "__main__":
    main()
