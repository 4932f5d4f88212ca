"""The rule by which a challenger becomes champion, and nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from anthill.models.evaluation import Loss, relative, whole


class Verdict(NamedTuple):
    """Whether the challenger is better, and why, for people."""

    better: bool
    why: str


def judge(losses: Sequence[Loss], champion: str, challenger: str) -> Verdict:
    """Better over the whole walk-forward, and in more than half of its quarters; both on the same rows."""
    mine, theirs = whole(losses, challenger), whole(losses, champion)
    quarters = relative(losses, challenger)
    held = relative(losses, champion)
    better = [quarter for quarter in quarters if quarter in held and quarters[quarter] < held[quarter]]
    said = (
        f"{challenger} has {mine:.4f} of the 20-day mean's QLIKE, {champion} {theirs:.4f}; it is better in "
        f"{len(better)} of {len(quarters)} quarters"
    )
    return Verdict(bool(mine < theirs and 2 * len(better) > len(quarters)), said)
