"""The days on which options expire."""

import datetime as dt

import numpy as np
import pytest

from local.polygon.markets.sessions import xnys
from local.polygon.options.expiries import HORIZON, MONTHLY, QUARTERLY, WEEKLY, expiries

SESSIONS = xnys(2027)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-06-18", QUARTERLY),  # the third Friday is Juneteenth
        ("2025-04-17", MONTHLY),  # the third Friday is Good Friday
        ("2026-07-02", WEEKLY),  # Independence Day is kept on Friday
        ("2026-07-10", WEEKLY),
        ("2026-07-17", MONTHLY),
        ("2030-06-21", None),  # beyond two years from the end of the calendar
        ("2026-06-19", None),
    ],
)
def test_known_expiries(day: str, kind: int | None) -> None:
    """Third Fridays are monthly and quarterly, other Fridays weekly; a holiday moves them to the session before."""
    found = expiries(SESSIONS)
    at = np.flatnonzero(found.day == dt.date.fromisoformat(day).toordinal())
    assert found.kind[at].tolist() == ([] if kind is None else [kind])


def test_every_week_has_one() -> None:
    """Expiries are sessions, in order, at most eight days apart, and listed at their kind's horizon."""
    found = expiries(SESSIONS)
    inside = found.last < len(SESSIONS.days)
    assert set(np.diff(found.day).tolist()) <= {6, 7, 8}
    days = [SESSIONS.days[at].toordinal() for at in found.last[inside].tolist()]
    assert days == found.day[inside].tolist()
    listed = [SESSIONS.days[at].toordinal() for at in found.listed[inside].tolist()]
    ahead = found.day[inside] - np.array(listed)
    late = found.listed[inside] > 0
    assert (ahead[late] <= HORIZON[found.kind[inside]][late]).all()
    assert (ahead[late] > HORIZON[found.kind[inside]][late] - 6).all()
    assert found.day[-1] > SESSIONS.days[-1].toordinal() + 730


def test_live_ones() -> None:
    """All that a session may trade are among the live ones, and nothing that has expired."""
    found = expiries(SESSIONS)
    for session in (0, 1000, 5700, len(SESSIONS.days) - 1):
        window = found.live(session)
        tradable = np.flatnonzero((found.listed <= session) & (found.last >= session))
        assert (found.last[window] >= session).all()
        assert window.start <= tradable.min() <= tradable.max() < window.stop
