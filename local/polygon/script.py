"""Securities with a script: who is called what and when, and what the source tells about it too late or never.

The script is the truth that tests compare with. README.md names an example of each kind.
"""

import datetime as dt
from dataclasses import dataclass, field

Day = dt.date
ALWAYS, WHOLE = Day.min, (0, 390)
PRICE_DAY = Day(2026, 4, 1)
"""The day on which a security with a script closes at its `price`, or its first or last if it was not there."""


@dataclass(frozen=True)
class Security:
    """One security from its listing to its end, whatever it is called; days are market days.

    `tickers` by the first day they are borne on (`ALWAYS`: since before history), `until` is the first day without it.
    Securities with one `company` share its CIK; without any they have none. `figi_from` is the first day of whose list
    it has FIGIs (None: of none), `wrong_figi` one of whose list it has another's until the day is over. `splits` (from,
    to) are those that happen, whatever `announced.py` says of them; `jumps` are log returns over night. `otc` says from
    which day on it trades over the counter, or on an exchange again. `halts` are the minutes of a session (from, to)
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
    splits: dict[Day, tuple[int, int]] = field(default_factory=dict)
    jumps: dict[Day, float] = field(default_factory=dict)
    otc: dict[Day, bool] = field(default_factory=dict)
    halts: dict[Day, tuple[int, int]] = field(default_factory=dict)
    untraded: tuple[Day, ...] = ()
    extended: bool = False
    restated: int | None = None


PLACES: tuple[tuple[Security, ...], ...] = (
    # Renamed, then split: the split of the new name counts for the rows of the old one.
    (
        Security(
            "Renate Robotics Inc.", {ALWAYS: "OLDCO", Day(2026, 4, 8): "NEWCO"}, 90.0, restated=2025,
            splits={Day(2026, 4, 20): (1, 2)},
        ),
    ),
    # Recycled: ten sessions after the first RECYC is gone, another company is listed under its ticker.
    (Security("Recycle Paper Co.", {ALWAYS: "RECYC"}, 31.0, until=Day(2026, 4, 9)),),
    (Security("Recital Music Inc.", {Day(2026, 4, 23): "RECYC"}, 18.0),),
    # Recycled by a company that had another name, and split since.
    (Security("Again Airlines Inc.", {ALWAYS: "AGAIN"}, 12.0, until=Day(2023, 3, 8)),),
    (
        Security(
            "Regain Health Corp.", {ALWAYS: "BEFOR", Day(2023, 3, 22): "AGAIN"}, 75.0, splits={Day(2024, 5, 14): (1, 3)}
        ),
    ),
    # Class A goes on under a longer ticker and is split, a new class C takes the old one, after its when-issued line.
    (
        Security(
            "Hive Media Inc. Class A", {ALWAYS: "HIVES", Day(2026, 4, 15): "HIVEA"}, 1134.0, "Hive",
            splits={Day(2026, 4, 15): (1, 2)},
        ),
    ),
    (
        Security(
            "Hive Media Inc. Class C When Issued", {Day(2026, 4, 8): "HIVEW"}, 565.0, "Hive", until=Day(2026, 4, 15)
        ),
        Security("Hive Media Inc. Class C", {Day(2026, 4, 15): "HIVES"}, 566.0, "Hive"),
    ),
    # There and back again, as QQQ was QQQQ for some years.
    (Security("Quartet Trust", {ALWAYS: "QRTET", Day(2024, 5, 6): "QRTTT", Day(2026, 4, 13): "QRTET"}, 210.0),),
    # Two exchange their tickers on one day.
    (Security("Sinister Tools Inc.", {ALWAYS: "LEFTS", Day(2026, 4, 16): "RIGHT"}, 27.0),),
    (Security("Dexter Tools Inc.", {ALWAYS: "RIGHT", Day(2026, 4, 16): "LEFTS"}, 83.0),),
    # FIGIs that come a week after the listing; and on the day of a new ticker.
    (Security("Latecomer Labs Inc.", {Day(2026, 4, 6): "LATER"}, 22.0, figi_from=Day(2026, 4, 13)),),
    (
        Security(
            "Tardy Trucks Inc.", {ALWAYS: "TARDY", Day(2026, 4, 14): "TRDYX"}, 46.0, figi_from=Day(2026, 4, 14),
            splits={Day(2026, 4, 27): (1, 3)},
        ),
    ),
    # A FIGI that was wrong for a day, and is right in that day's list since.
    (Security("Wronged Foods Co.", {ALWAYS: "WRONG"}, 39.0, wrong_figi=Day(2026, 4, 21)),),
    # Two classes of one CIK, of which no FIGI is ever known; one is renamed, and both are bought up.
    (
        Security(
            "Duality Brands Inc. Class A", {ALWAYS: "DUALA"}, 64.0, "Duality", until=Day(2026, 5, 20), figi_from=None
        ),
    ),
    (
        Security(
            "Duality Brands Inc. Class B", {ALWAYS: "DUALB", Day(2026, 4, 17): "DUALC"}, 61.0, "Duality",
            until=Day(2026, 5, 20), figi_from=None,
        ),
    ),
    # Renamed without a FIGI: the CIK tells; without a CIK either: the ticker's events alone tell.
    (Security("Cicada Energy Corp.", {ALWAYS: "CIKAA", Day(2026, 4, 10): "CIKAB"}, 35.0, figi_from=None),),
    (
        Security(
            "Nonesuch Mining Ltd.", {ALWAYS: "NONEA", Day(2026, 4, 22): "NONEB"}, 14.0, company=None, figi_from=None
        ),
    ),
    # Splits that are told late, wrong, twice, or of days off: announced.py has what the source says of them.
    (Security("Belated Splits Inc.", {ALWAYS: "LATSP"}, 84.0, splits={Day(2026, 4, 14): (1, 2)}),),
    (Security("Correction Fluids Co.", {ALWAYS: "CORSP"}, 120.0, splits={Day(2026, 4, 15): (1, 2)}),),
    (Security("Withdrawal Banks Corp.", {ALWAYS: "WDRSP"}, 2.0),),
    (Security("Double Entry Software Inc.", {ALWAYS: "DBLSP"}, 150.0, splits={Day(2026, 4, 22): (1, 3)}),),
    (Security("Two Minds Media Inc.", {ALWAYS: "TWORA"}, 200.0, splits={Day(2026, 4, 23): (1, 2)}),),
    (
        Security(
            "Yoyo Toys Inc.", {ALWAYS: "YOYOS"}, 300.0, splits={Day(2026, 4, 22): (1, 5), Day(2026, 5, 6): (5, 1)}
        ),
    ),
    (Security("Weekend Wear Co.", {ALWAYS: "OFFSP"}, 70.0, splits={Day(2026, 4, 20): (1, 2)}),),
    (Security("Movers & Sons Ltd.", {ALWAYS: "MOVSP"}, 66.0, splits={Day(2026, 4, 28): (1, 2)}),),
    (Security("Flicker Lights Inc.", {ALWAYS: "FLKSP"}, 96.0, splits={Day(2026, 4, 16): (1, 4)}),),
    # Dividends alike, in other currencies, and special ones, by which the price falls.
    (Security("Belated Payments Inc.", {ALWAYS: "LATDV"}, 40.0),),
    (Security("Correction Tapes Co.", {ALWAYS: "CORDV"}, 55.0),),
    (Security("Withdrawal Trust Corp.", {ALWAYS: "WDRDV"}, 25.0),),
    (Security("Double Ledger Inc.", {ALWAYS: "DBLDV"}, 80.0),),
    (Security("Goodfriday Foods Inc.", {ALWAYS: "OFFDV"}, 33.0),),
    (Security("Special Situations Inc.", {ALWAYS: "SPCDV"}, 30.0, jumps={Day(2026, 4, 16): -0.105}),),
    (Security("Maple Timber Ltd.", {ALWAYS: "CADDV"}, 80.0),),
    (Security("Rhine Chemicals Corp.", {ALWAYS: "EURDV"}, 44.0),),
    (Security("Andes Copper Inc.", {ALWAYS: "CLPDV"}, 20.0),),
    (Security("Cash & Split Corp.", {ALWAYS: "CSHSP"}, 101.0, splits={Day(2026, 4, 24): (1, 2)}),),
    # A child of 22 of the parent's 100 dollars, spun off one for one: no split and no dividend tells of it.
    (Security("Parental Controls Inc.", {ALWAYS: "PARNT"}, 100.0, jumps={Day(2026, 4, 21): -0.248}),),
    (Security("Offspring Systems Inc.", {Day(2026, 4, 21): "CHILD"}, 22.0),),
    # Sessions: halted for three days and then for two hours, without a trade, with minutes around the session.
    (
        Security(
            "Haltingly Biotech Inc.", {ALWAYS: "HALTS"}, 45.0, jumps={Day(2026, 4, 17): -0.4},
            halts={**dict.fromkeys([Day(2026, 4, day) for day in (14, 15, 16)], WHOLE), Day(2026, 4, 20): (30, 150)},
        ),
    ),
    (Security("Stillwater Mills Co.", {ALWAYS: "ZEROV"}, 17.0, untraded=(Day(2026, 4, 15),)),),
    (Security("Auction House Inc.", {ALWAYS: "AUCTN"}, 130.0, extended=True),),
    # Off the exchange, under a ticker with a Q.
    (
        Security(
            "Fallen Angels Retail Corp.", {ALWAYS: "FALLS", Day(2026, 4, 17): "FALLQ"}, 3.0,
            otc={Day(2026, 4, 17): True},
        ),
    ),
)  # fmt: skip
"""The places after the notable ones, each with the securities that hold it; at other times others do."""

OTC_PLACES: tuple[tuple[Security, ...], ...] = (
    # Onto the exchange, on the day on which the other leaves it.
    (Security("Upward Bound Ltd.", {ALWAYS: "UPLSF", Day(2026, 4, 17): "UPLST"}, 6.0, otc={Day(2026, 4, 17): False}),),
)
"""The first places over the counter, alike."""
