"""Grants: who may do what with which securable, by include/grants and Unity Catalog's permissions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from anthill.governance import inherited, principals
from anthill.governance.permissions import Api, Permissions
from anthill.governance.plan import Held, Item, Key
from anthill.governance.refusals import RefusedError
from anthill.governance.securables import Change, Securable

KIND = "grant"


class Grants:
    """The direct grants of securables; what is inherited and owned is shown beside them."""

    kind = KIND

    def __init__(self, hook: Api, declared: Sequence[Securable], beside: bool = True) -> None:
        """`beside` asks, too, for what is inherited and owned."""
        self._hook, self._permissions, self._beside = hook, Permissions(hook), beside
        self._securables = {on(securable): securable for securable in declared}

    def only(self, names: Iterable[str]) -> Grants:
        """The same of these securables alone."""
        wanted = set(names)
        return Grants(self._hook, [each for name, each in self._securables.items() if name in wanted], beside=False)

    def declared(self) -> list[Item]:
        """Every privilege that is declared."""
        return [
            Item(kind=KIND, on=name, who=who, what=privilege, by=each.by, at=each.at(who))
            for name, each in self._securables.items()
            for who, privileges in each.grants.items()
            for privilege in sorted(privileges)
        ]

    def refused(self) -> list[RefusedError]:
        """The principals that the account does not know."""
        named = [(who, each.at(who)) for each in self._securables.values() for who in each.grants]
        return principals.unknown(self._hook, named)

    def held(self) -> Held:
        """What everybody holds directly; what others hold where they are kept, inherit or own is unmanaged."""
        securables = list(self._securables.values())
        items: list[Item] = []
        unmanaged, absent = list(self._inherited()) if self._beside else [], set()
        for securable, held in zip(securables, self._permissions.read(securables), strict=True):
            if held is None:
                absent.add(on(securable))
                continue
            for item in _items(securable, held.items()):
                (items if securable.answers_for(item.who) else unmanaged).append(item)
        return Held(items, unmanaged, frozenset(absent))

    def _inherited(self) -> Iterator[Item]:
        """What everything in a schema has by the schema or its catalog, and who owns it: who owns holds all."""
        for name in sorted({".".join(s.name.split(".")[:2]) for s in self._securables.values() if "." in s.name}):
            declared = f"schema {name}" in self._securables
            yield from (item for item in inherited.of_schema(self._hook, name) if item.why or not declared)

    def apply(self, added: Sequence[Item], removed: Sequence[Item]) -> list[RefusedError]:
        """One call a securable; where one change of it is refused, the others are made."""
        gains, losses = _by_securable(added), _by_securable(removed)
        refused: list[RefusedError] = []
        for name in self._securables:  # parents before children
            names = sorted({*gains[name], *losses[name]})
            changes = [Change(who, tuple(gains[name][who]), tuple(losses[name][who])) for who in names]
            if changes:
                refused += self._changed(self._securables[name], changes)
        return refused

    def _changed(self, securable: Securable, changes: Sequence[Change]) -> Iterator[RefusedError]:
        try:
            self._permissions.apply(securable, changes)
        except RefusedError as refused:
            if len(changes) == 1:
                refused.about = frozenset(_keys(securable, changes[0]))
                yield refused
                return
            for change in changes:
                yield from self._changed(securable, [change])


def on(securable: Securable) -> str:
    """How a plan names a securable."""
    return f"{securable.type} {securable.name}"


def _items(securable: Securable, held: Iterable[tuple[str, frozenset[str]]]) -> Iterator[Item]:
    for who, privileges in held:
        for privilege in sorted(privileges):
            yield Item(kind=KIND, on=on(securable), who=who, what=privilege)


def _keys(securable: Securable, change: Change) -> Iterator[Key]:
    for privilege in (*change.add, *change.remove):
        yield KIND, on(securable), change.principal, privilege


def _by_securable(items: Iterable[Item]) -> defaultdict[str, defaultdict[str, list[str]]]:
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        found[item.on][item.who].append(item.what)
    return found
