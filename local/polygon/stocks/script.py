"""Securities with a script: who is called what and when, and what the source tells about it too late or never.

`script.yaml` is the truth that tests compare with. README.md names an example of each kind.
"""

import datetime as dt
from pathlib import Path

import msgspec

Day = dt.date
ALWAYS, WHOLE = Day.min, (0, 390)
PRICE_DAY = Day(2026, 4, 1)
"""The day on which a security with a script closes at its `price`, or its first or last if it was not there."""


class Security(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One security from its listing to its end, whatever it is called; days are market days.

    `tickers` by the first day they are borne on (`ALWAYS`: since before history), `until` is the first day without it.
    Securities with one `company` share its CIK; without any they have none. `figi_from` is the first day of whose list
    it has FIGIs (None: of none), `wrong_figi` one of whose list it has another's until the day is over. `splits` (from,
    to) are those that happen, whatever `announced.yaml` says; `jumps` are log returns over night. `otc` says from which
    day on it trades over the counter, or on an exchange again. `halts` are the minutes of a session (from, to)
    in which nobody may trade; on `untraded` days nobody does, and its bar has no volume; an `extended` one trades
    around the session too, and closes in an auction after its last minute. The annual statements of the `restated`
    year are not the sum of its quarters.
    """

    name: str
    tickers: dict[Day, str]
    price: float = 50.0
    company: str | None = ""
    until: Day | None = None
    figi_from: Day | None = Day.min
    wrong_figi: Day | None = None
    splits: dict[Day, tuple[int, int]] = {}
    jumps: dict[Day, float] = {}
    otc: dict[Day, bool] = {}
    halts: dict[Day, tuple[int, int]] = {}
    untraded: tuple[Day, ...] = ()
    extended: bool = False
    restated: int | None = None


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places after the notable ones, and the first ones over the counter, each with those who hold it in turn."""

    places: tuple[tuple[Security, ...], ...]
    over_the_counter: tuple[tuple[Security, ...], ...]


SCRIPT = msgspec.yaml.decode(Path(__file__).with_name("script.yaml").read_bytes(), type=Script)
