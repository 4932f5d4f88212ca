"""What an operator knows better than the source about corporate actions: declared in include/corrections/."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from anthill.include import include_dir

_Text = Annotated[str, msgspec.Meta(min_length=2)]
_FORMS = (
    "allowed are the lists `splits` of ticker, market_date, ratio (above 0), who, why and until, "
    "and `dividends` of ticker, market_date, cash (USD, 0 for none), who, why and until"
)
_PLACE = re.compile(r"\$\.(?P<name>\w+)\[(?P<at>\d+)\]")  # in the library's message


class CorrectionError(ValueError):
    """A file is not what it must be; the message says in which line, and what is allowed."""


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What counts for a ticker from a market day on; it holds until the day given."""

    ticker: Annotated[str, msgspec.Meta(min_length=1)]
    market_date: dt.date
    who: _Text
    why: _Text
    until: dt.date


class Split(Correction, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ratio, new shares for one."""

    ratio: Annotated[float, msgspec.Meta(gt=0)]


class Dividend(Correction, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All the cash of a share that goes ex on the day, USD; 0 where none is paid."""

    cash: Annotated[float, msgspec.Meta(ge=0)]


class Corrections(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is declared of an asset class."""

    splits: tuple[Split, ...] = ()
    dividends: tuple[Dividend, ...] = ()


_C = TypeVar("_C", bound=Correction)


def of(asset_class: str, today: dt.date | None = None) -> Corrections:
    """What holds today, by ticker and market day; nothing where no file is there."""
    today = today or dt.datetime.now(dt.UTC).date()
    file = include_dir() / "corrections" / f"{asset_class}.yaml"
    known = read(file) if file.is_file() else Corrections()
    return Corrections(_holding(known.splits, today), _holding(known.dividends, today))


def _holding(declared: Iterable[_C], today: dt.date) -> tuple[_C, ...]:
    return tuple(sorted((each for each in declared if today <= each.until), key=_name))


def _name(declared: Correction) -> tuple[str, dt.date]:
    return declared.ticker, declared.market_date


def read(file: Path) -> Corrections:
    """What one file declares; CorrectionError names the line where it is wrong."""
    content = file.read_bytes()
    try:
        found = msgspec.yaml.decode(content, type=Corrections | None) or Corrections()
    except (msgspec.MsgspecError, ValueError) as error:
        place = _PLACE.search(str(error))
        where = f", line {_line(content, place['name'], int(place['at']))}" if place else ""
        raise CorrectionError(f"{file}{where}: {error}; {_FORMS}") from error
    for name in found.__struct_fields__:
        known = [_name(each) for each in getattr(found, name)]
        for at, (ticker, day) in enumerate(known):
            if (ticker, day) in known[:at]:
                where = f"line {_line(content, name, at)}"
                raise CorrectionError(f"{file}, {where}: {name} has {ticker} of {day} twice; {_FORMS}")
    return found


def _line(content: bytes, name: str, at: int) -> int:
    """The line in which an item of a list begins."""
    import yaml

    root: Any = yaml.compose(content, Loader=yaml.BaseLoader)
    items = next(value for key, value in root.value if key.value == name)
    return int(items.value[at].start_mark.line) + 1
