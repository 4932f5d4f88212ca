"""What an operator knows better than the source about corporate actions: declared in include/corrections/."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import msgspec

from anthill.include import include_dir

_Text = Annotated[str, msgspec.Meta(min_length=2)]
_FORM = "a list `splits` of ticker, market_date, ratio (above 0), who, why and until"


class CorrectionError(ValueError):
    """A file is not what it must be; the message says where, and what is allowed."""


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ratio of a ticker that counts from a market day on, new shares for one; it holds until the day given."""

    ticker: Annotated[str, msgspec.Meta(min_length=1)]
    market_date: dt.date
    ratio: Annotated[float, msgspec.Meta(gt=0)]
    who: _Text
    why: _Text
    until: dt.date


class Corrections(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is declared of an asset class."""

    splits: tuple[Split, ...] = ()


def of(asset_class: str, today: dt.date | None = None) -> list[Split]:
    """The splits that hold today, by ticker and market day; none where no file is there."""
    today = today or dt.datetime.now(dt.UTC).date()
    file = include_dir() / "corrections" / f"{asset_class}.yaml"
    known = read(file) if file.is_file() else Corrections()
    return sorted((split for split in known.splits if today <= split.until), key=lambda s: (s.ticker, s.market_date))


def read(file: Path) -> Corrections:
    """What one file declares; CorrectionError where it is wrong."""
    try:
        found = msgspec.yaml.decode(file.read_bytes(), type=Corrections | None) or Corrections()
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorrectionError(f"{file}: {error}; allowed is {_FORM}") from error
    names = [(split.ticker, split.market_date) for split in found.splits]
    if twice := sorted({f"{ticker} of {day}" for ticker, day in names if names.count((ticker, day)) > 1}):
        raise CorrectionError(f"{file}: has {', '.join(twice)} twice; allowed is {_FORM}")
    return found
