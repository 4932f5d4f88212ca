"""What a table of gold stands on, itself or through other tables: read off the SQL, as gold's own run reads it."""

from __future__ import annotations

from anthill.catalog import AssetClass
from anthill.lakehouse import beside, keys, statements
from anthill.lakehouse.logic import Logic

_Part = tuple[str, str]  # asset class and dataset


class Sources:
    """The datasets below a gold table: `back` has how many market days before its own it may read, None for all days.

    `through` are the tables of gold between, the nearest first; `waited_for` the datasets whose loads a day waits for.
    """

    def __init__(self, declared: AssetClass, name: str) -> None:
        self._declared = declared
        self._logics = {each: Logic(declared, each) for each in declared.gold}
        self._seen: dict[str, int | None] = {}
        self.back: dict[_Part, int | None] = {}
        self.corrections: set[str] = set()
        self.logic = self._logics[name]
        self._follow(self.logic, 0)
        self.through = [self._logics[each] for each in self._seen if each != name]
        self.waited_for = self._waited_for(self.logic)

    def _follow(self, logic: Logic, back: int | None) -> None:
        if logic.name in self._seen and _wider(self._seen[logic.name], back) == self._seen[logic.name]:
            return
        self._seen[logic.name] = _wider(self._seen.get(logic.name, back), back)
        own = _back(logic)
        below = None if back is None or own is None else back + own
        for dataset in logic.silver:
            self._add((self._declared.asset_class, dataset), below)
        for table in logic.any_silver:
            if table in beside.CORRECTED:
                self.corrections.add(table)
            else:
                self._add(beside.dataset_of(table), below)
        for other in self._logics.values():
            if other is not logic and (logic.reads("gold", other.name) or logic.reads("any_gold", other.name)):
                self._follow(other, below)

    def _add(self, part: _Part, back: int | None) -> None:
        self.back[part] = _wider(self.back.get(part, back), back)

    def _waited_for(self, logic: Logic) -> set[str]:
        others = [each for each in self._logics.values() if each is not logic and logic.reads("gold", each.name)]
        return logic.silver.union(*map(self._waited_for, others))


def _back(logic: Logic) -> int | None:
    """How many market days before its own a row of a table may read of the tables below it; None for all."""
    by_day = any("market_date" in key.columns for key in keys.of(logic.file))
    if not by_day:
        return None
    if logic.looks_back:
        return logic.looks_back
    is_view = not statements.declared(statements.creation(logic.file))[0]
    return 0 if is_view or "{days}" in logic.sql else None


def _wider(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
