"""What is expected of a market day's rows: as a dataset's entry says, and as include/expectations.yaml says by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

from anthill import shape
from anthill.include import include_dir
from anthill.nearest import allowed, asked
from anthill.yaml_file import Fault

Severity = Literal["warn", "critical"]
# none, some, most: of the rows that `where` holds of; answered: values of a list that have no rows; found: what the
# dataset's own query finds; the others are about the load.
Kind = Literal[
    "none", "some", "most", "answered", "found", "unique", "alike", "rows", "quarantined", "after_close"
]  # fmt: skip
Share = Annotated[float, msgspec.Meta(ge=0)]
_LAST = ("rows", "quarantined", "after_close")  # of the load: told after what is said of the rows
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "none": ("says",),
    "some": ("says",),
    "most": ("where", "at_least", "says"),
    "answered": ("column", "says"),
    "found": ("says",),
    "unique": ("says",),
    "alike": ("at_least",),
    "rows": ("at_least",),
    "quarantined": ("at_most",),
    "after_close": ("says",),
}
_WORDS = ("n", "names")  # in braces in `says`: the number, which stands before it otherwise, and the first names


class ExpectationError(ValueError):
    """Entries of `expectations` are wrong: where in them, and what is wrong there."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(problem for _, problem in faults))
        self.faults = faults


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One expectation: a broken critical one holds the market day back from gold."""

    kind: Kind = "none"
    severity: Severity = "warn"
    says: str = ""  # what it says after the number, broken or not
    where: str = ""  # SQL: the rows that are meant
    of: str = ""  # SQL: most of these rows, and not of all
    at_least: Share | None = None
    at_most: Share | None = None
    sundays: Share | None = None  # at_least on a Sunday
    column: str = ""  # that must have a value of the list, or one that `listed_in` has
    listed_in: str = ""  # a dataset; the rows meant are those whose `column` it has not on the market day
    listed_where: str = ""  # SQL: the rows of that dataset that count
    joined_by: str = ", "  # between names


class Standard(Expectation, frozen=True):
    """An expectation that has a name of its own, and the datasets that have it without saying so."""

    always: bool = False
    columns: tuple[str, ...] = ()

    def is_of(self, columns: Collection[str]) -> bool:
        """Whether a dataset with these columns has it by default."""
        return self.always or (bool(self.columns) and set(self.columns) <= set(columns))


@cache
def standards() -> dict[str, Standard]:
    """The expectations of include/expectations.yaml, by name."""
    file = include_dir() / "expectations.yaml"
    return msgspec.yaml.decode(file.read_bytes(), type=dict[str, Standard])


def of(given: Any, columns: Collection[str]) -> dict[str, Expectation]:
    """What a dataset with these columns is held to, given its entry; ExpectationError tells all that is wrong in it."""
    if not isinstance(given, dict):
        raise ExpectationError(((), f"must map names to expectations, not {given!r}"))
    known = standards()
    entries = {name: None for name, standard in known.items() if standard.is_of(columns)} | given
    found, faults = {}, []
    for name, entry in entries.items():
        if entry is False and name in known:
            continue
        expectation, wrong = _one(name, entry, known.get(name), columns)
        faults += [((name, *keys), problem) for keys, problem in wrong]
        if expectation:
            found[name] = expectation
    if faults:
        raise ExpectationError(*faults)
    order = {kind: place for place, kind in enumerate(_LAST, 2)} | {"unique": 0}
    return dict(sorted(found.items(), key=lambda item: order.get(item[1].kind, 1)))


def _one(
    name: Any, entry: Any, standard: Standard | None, columns: Collection[str]
) -> tuple[Expectation | None, list[Fault]]:
    """One expectation, what the entry says and else what its standard says; and what is wrong about it."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name), re.ASCII):
        return None, [((), "must be lower case letters, digits and underscores")]
    if standard is None and (entry is None or entry is False):
        own = " (one of your own has 'where' and 'says')" if entry is None else ""
        return None, [((), f"is no standard expectation{own}, {allowed(name, standards())}")]
    if not isinstance(entry, dict | None):
        return None, [((), f"must be a mapping, nothing or false, not {entry!r}")]
    said = {field: getattr(standard, field) for field in Expectation.__struct_fields__} if standard else {}
    expectation, faults = shape.read(said | (entry or {}), Expectation)
    if not faults and expectation and (problem := _problem(expectation, columns)):
        faults.append(((), problem + ("" if standard else asked(name, standards()))))
    return expectation, faults


def _problem(expectation: Expectation, columns: Collection[str]) -> str:
    """What an expectation of its kind lacks or cannot have; empty where it is whole."""
    wanted = _NEEDS[expectation.kind]
    if expectation.kind == "none" and not expectation.listed_in:
        wanted = ("where", *wanted)
    if lacking := [key for key in wanted if getattr(expectation, key) in ("", None)]:
        return f"is of the kind {expectation.kind} and lacks {', '.join(lacking)}"
    if expectation.listed_in and not expectation.column:
        return "has 'listed_in' and lacks column"
    if expectation.column and expectation.column not in columns:
        return f"is about the column {expectation.column!r}, {allowed(expectation.column, columns)}"
    if odd := [word for word in re.findall(r"{(.*?)}", expectation.says) if word not in _WORDS]:
        return f"says {{{odd[0]}}}, allowed are {', '.join(f'{{{word}}}' for word in _WORDS)}"
    return ""
