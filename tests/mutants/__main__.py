"""Mutants: the code is changed in one place at a time, and the tests of its room have to notice.

Nothing is changed in the checkout itself. An interrupted run goes on where it was; after a change of tests only those
mutants are tried again whose verdict may be another.
"""

from __future__ import annotations

import argparse
import signal
import sys

from scripts import workflow
from tests.mutants import accepted
from tests.mutants.checkout import HERE, tracked
from tests.mutants.hunt import Hunt, say
from tests.mutants.ledger import Ledger
from tests.mutants.mutation import sample
from tests.mutants.report import ENOUGH, Report, Result
from tests.mutants.rooms import ROOMS
from tests.mutants.state import State
from tests.mutants.trace import RedError

OUT = HERE / "var" / "mutants"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 if enough mutants were noticed, 1 if not, 2 if the tests fail by themselves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="1", help="what the sample is drawn by")
    parser.add_argument("--count", type=int, default=300, help="how many mutants, the same number of each room")
    parser.add_argument("--room", default=",".join(room.name for room in ROOMS), help="only these rooms, by commas")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")
    asked = parser.parse_args(arguments)
    rooms = [room for room in ROOMS if room.name in asked.room.split(",")]
    if unknown := set(asked.room.split(",")) - {room.name for room in rooms}:
        parser.error(f"no such room: {', '.join(unknown)}; there are {', '.join(room.name for room in ROOMS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    say(f"looking for what can be changed in {', '.join(room.name for room in rooms)}")
    mutants = sample([room.mutations(HERE) for room in rooms], HERE, asked.seed, asked.count)
    known = accepted.load()
    reasons = {mutant.mutation.key: accepted.reason(known, mutant) for mutant in mutants}
    state = State(HERE, tracked(HERE))
    kept = OUT / state.product
    hunt = Hunt(state, rooms, kept, asked.jobs)
    ended = None
    try:
        hunt.run([mutant for mutant in mutants if reasons[mutant.mutation.key] is None])
    except RedError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        ended = 130
    ledger = Ledger(kept, state)
    results = [Result(mutant, ledger.get(mutant), reasons[mutant.mutation.key]) for mutant in mutants]
    stale = [f"{each.file}: {each.before}" for each in known if each.is_stale(HERE)]
    report = Report(asked.seed, results, stale)
    report.write(OUT)
    workflow.summary(report.markdown())
    if ended:
        return ended
    return 0 if report.is_enough else workflow.fail(f"less than {ENOUGH:.0f} % of the mutants were noticed")


if __name__ == "__main__":
    sys.exit(main())
