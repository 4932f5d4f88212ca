"""What a rebuild is asked for, checked against what bronze held, and what is told of the days that are not in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from anthill import calendars, catalog, intervals, moments
from anthill.bronze.as_of import Held
from anthill.catalog import AssetClass
from anthill.lakehouse import statements

_TABLE = re.compile(r"\{(?:any_)?(?:silver|gold)\}\.([a-z0-9_]+)")
_SHOWN = 20  # stretches of days in a line


class PlanError(ValueError):
    """What was asked for cannot be rebuilt; the message says what can."""


def asked(params: Mapping[str, Any], now: dt.datetime) -> tuple[dt.datetime, list[str]]:
    """The moment and the asset classes of a form, with those that their tables read before them."""
    moment = moment_of(params)
    if moment > now:
        raise PlanError(f"as_of: {moments.text(moment)} is in the future, here it is {moments.text(now)}")
    chosen = params.get("asset_classes") or []
    known = catalog.with_past()
    if not chosen or (set(chosen) - set(known)):
        given = ", ".join(map(str, chosen)) or "nothing"
        raise PlanError(f"asset_classes: {given} was chosen, there are {', '.join(known)}")
    return moment, list(dict.fromkeys(name for each in chosen for name in (*sorted(_read_by(each)), each)))


def moment_of(params: Mapping[str, Any]) -> dt.datetime:
    """The moment of a form; PlanError where it has none."""
    try:
        return moments.parse(str(params.get("as_of") or ""))
    except moments.MomentError as error:
        raise PlanError(f"as_of: {error}") from error


def _read_by(asset_class: str) -> set[str]:
    """The other asset classes whose tables an asset class's SQL names."""
    texts = [statements.code(statements.path("gold", asset_class, name)) for name in catalog.load(asset_class).gold]
    tables = {table for text in texts for table in _TABLE.findall(text)}
    others = (name for name in catalog.asset_classes() if name != asset_class)
    return {name for name in others if any(table.startswith(f"{name}_") for table in tables)}


def checked(declared: AssetClass, moment: dt.datetime, held: Held) -> tuple[dt.date, dt.date]:
    """The first and last market day that bronze held; PlanError where it held none."""
    if held.found:
        days = [day for _, day, _ in held.found]
        return min(days), max(days)
    name = declared.asset_class
    if not held.later and not held.halves:
        raise PlanError(f"as_of: bronze has nothing of {name}; land it first")
    first = min(held.later.values(), default=moment)
    raise PlanError(
        f"as_of: at {moments.text(moment)} bronze held no whole market day of {name}: "
        f"the first that came after it is of {moments.text(first)}; choose a later moment"
    )


def told(declared: AssetClass, moment: dt.datetime, held: Held) -> list[str]:
    """A line of what is in a rebuild, and one for each dataset with days that are not, or that read otherwise now."""
    name = declared.asset_class
    days = {day for _, day, _ in held.found}
    many = "market day" if len(days) == 1 else "market days"
    lines = [f"{name} as of {moments.text(moment)}: {len(days):,} {many} from {min(days)} to {max(days)}"]
    late = {of: at for of, at in held.later.items() if _due(declared, *of) <= moment}
    for dataset, some in _by_dataset(late):
        answered = [late[dataset, day] for day in some]
        ends = dict.fromkeys(moments.text(at) for at in (min(answered), max(answered)))
        lines.append(f"not in it: {name}.{dataset} of {_days(declared, some)}, landed later ({' to '.join(ends)})")
    for dataset, some in _by_dataset(held.halves):
        lines.append(f"not in it: {name}.{dataset} of {_days(declared, some)}, of which only a part was landed then")
    for dataset, some in _by_dataset(held.restated):
        lines.append(f"restated since: {name}.{dataset} of {_days(declared, some)}")
    return lines


def _due(declared: AssetClass, dataset: str, day: dt.date) -> dt.datetime:
    """From when on a day could be had."""
    of = declared.datasets[dataset]
    return of.due(intervals.market_day(of.calendar, day)) or calendars.closes(of.calendar).get(day, _NEVER)


_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)  # of a day that an operator has declared closed since


def _by_dataset(some: Iterable[tuple[str, dt.date]]) -> Iterator[tuple[str, list[dt.date]]]:
    found: dict[str, list[dt.date]] = {}
    for dataset, day in some:
        found.setdefault(dataset, []).append(day)
    yield from ((dataset, sorted(days)) for dataset, days in found.items())


def _days(declared: AssetClass, days: Collection[dt.date]) -> str:
    """Market days in few words."""
    runs = calendars.ranges(declared.calendar, days)
    texts = [str(first) if first == last else f"{first} to {last}" for first, last in runs[:_SHOWN]]
    more = f" and {len(runs) - _SHOWN} more stretches" if len(runs) > _SHOWN else ""
    return f"{', '.join(texts)}{more} ({len(days):,} market days)" if len(days) > 1 else texts[0]
