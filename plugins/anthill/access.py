"""What an entry says of who sees what of its table: tags, whose rows, masked columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from anthill.nearest import asked
from anthill.yaml_file import Fault

JOBS = "{jobs}"  # the principal that the jobs run as, whatever an environment calls it
EVERYONE = "account users"
_PRINCIPALS = 20  # that a policy may name in TO and EXCEPT together
_CONDITIONS = 3  # columns that a policy may speak of
_KEY = re.compile(r"[^.,\-=/:\s][^.,\-=/:]{0,254}")
LICENCE, FREE = "licence", ("redistributable",)  # a tag, and the values with which a table may be given to anybody
OWN_TAGS = ("source", "layer", "owner", "personal")  # that every table has by where it stands
Tags = Mapping[str, str]


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The groups that see all rows; all others see those of which `others` holds."""

    all_for: tuple[str, ...]
    others: str = "false"  # SQL over the columns in `of`
    of: tuple[str, ...] = ()


class Mask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The groups that see a column as it is; all others see `others` in its place."""

    plain_for: tuple[str, ...]
    others: str = "NULL"  # SQL over the column itself


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one table; what is not said is as for all tables of its asset class."""

    tags: Tags = {}
    rows: Rows | None = None
    masks: Mapping[str, Mask] = {}  # by column
    exempt: tuple[str, ...] = (JOBS,)  # whom no policy of the table is for
    consumption: bool = False  # read past the catalog, by Athena

    def problems(self, columns: Collection[str] = ()) -> Iterator[Fault]:
        """What no type can check; without `columns` their names are left to who knows the table."""
        yield from tag_problems(self.tags)
        if (self.rows or self.masks) and JOBS not in self.exempt:
            yield (
                ("exempt",),
                f"lacks {JOBS!r}: the jobs would write what is left of the rows into gold, for ever. Add it",
            )
        named = [("rows", "all_for", self.rows.all_for)] if self.rows else []
        for first, second, groups in (
            *named,
            *(("masks", column, mask.plain_for) for column, mask in self.masks.items()),
        ):
            if 1 + len({*groups, *self.exempt}) > _PRINCIPALS:
                yield (
                    (first, second),
                    f"names more than {_PRINCIPALS} principals with 'exempt' and everyone: use a group",
                )
        if self.rows and len(self.rows.of) > _CONDITIONS:
            yield ("rows", "of"), f"has {len(self.rows.of)} columns, a policy speaks of {_CONDITIONS} at most"
        for keys, column in _columns(self):
            if columns and column not in columns:
                yield keys, f"names {column}, which is no column: {', '.join(columns)}{asked(column, columns)}"


def kept_in(access: Access, tags: Tags) -> str:
    """Why nobody may read a table past the catalog, where its policies do not hold; "" where anybody may."""
    if access.rows or access.masks:
        return f"goes with no policy, and '{'rows' if access.rows else 'masks'}' is one"
    if (licence := tags.get(LICENCE)) and licence not in FREE:
        return f"is not for a table of licence {licence}; allowed: {', '.join(FREE)}, or no tag {LICENCE!r}"
    if (personal := tags.get("personal", "no")) != "no":
        return f"is not for a table about people, and the tag personal is {personal}"
    return ""


def tag_problems(tags: Tags) -> Iterator[Fault]:
    """What is no tag."""
    for key, value in tags.items():
        if not _KEY.fullmatch(key):
            yield ("tags", key), "is no key of a tag: up to 255 letters, and none of . , - = / :"
        if len(value) > 1000:
            yield ("tags", key), f"has {len(value)} letters, a tag's value has up to 1000"


def _columns(access: Access) -> Iterator[tuple[tuple[str, ...], str]]:
    for column in access.rows.of if access.rows else ():
        yield ("rows", "of"), column
    for column in access.masks:
        yield ("masks", column), column
