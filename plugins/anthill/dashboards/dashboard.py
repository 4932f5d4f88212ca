"""A dashboard: a folder of include/dashboards with its widgets, on one grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from anthill import shape
from anthill.dashboards import widget
from anthill.dashboards.widget import DashboardError, Widget
from anthill.include import include_dir
from anthill.yaml_file import YamlError, YamlFile

ABOUT = "dashboard.yaml"
_T = TypeVar("_T", bound=msgspec.Struct)


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `dashboard.yaml` says: words for people, its turn among the others, and the groups that may open it."""

    title: str
    description: str
    turn: int
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard."""

    name: str
    about: About
    widgets: tuple[Widget, ...]

    @property
    def choice(self) -> Widget | None:
        """What people choose by, where there is a choice."""
        return next((each for each in self.widgets if each.kind == "choice"), None)

    @property
    def tables(self) -> list[str]:
        """The tables that it reads."""
        return sorted({table for each in self.widgets for table in each.tables})


def folder() -> Path:
    """Where the dashboards are declared."""
    return include_dir() / "dashboards"


def every(root: Path | None = None) -> list[Dashboard]:
    """All dashboards, in their turn; DashboardError names the file and line of what is wrong."""
    place = root or folder()
    return sorted((read(each) for each in place.iterdir() if each.is_dir()), key=lambda each: each.about.turn)


def read(place: Path) -> Dashboard:
    """The dashboard of a folder."""
    about, _ = declared(place / ABOUT, About)
    widgets = sorted((widget.read(file) for file in place.glob("*.sql")), key=_reading_order)
    for file, line, problem in _problems(widgets):
        raise DashboardError(file, line, problem)
    return Dashboard(place.name, about, tuple(widgets))


def _reading_order(each: Widget) -> tuple[int, int]:
    return each.place.row, each.place.column


def declared(file: Path, kind: type[_T]) -> tuple[_T, YamlFile]:
    """What a file declares, and where in it; DashboardError names the line of what is wrong."""
    try:
        found = YamlFile(file)
    except FileNotFoundError:
        raise DashboardError(file, 1, f"is missing, with {', '.join(kind.__struct_fields__)}") from None
    except YamlError as error:
        raise DashboardError(file, error.line, str(error)) from error
    value, faults = shape.read(found.value or {}, kind)
    for keys, problem in [*found.twice(), *faults]:
        raise DashboardError(file, found.line(keys), f"{'.'.join(map(str, keys))} {problem}")
    assert value is not None  # noqa: S101 - without faults it is there
    return value, found


def _problems(widgets: Sequence[Widget]) -> Iterator[tuple[Path, int, str]]:
    """What only all widgets of a dashboard together tell."""
    choices = [each for each in widgets if each.kind == "choice"]
    for each in choices[1:]:
        yield each.file, each.line, f"{choices[0].name} is the choice of this dashboard already"
    chosen = choices[0].chosen if choices else ""
    for at, each in enumerate(widgets):
        if each.chosen and each.chosen != chosen:
            yield each.file, each.line, f"Chosen is {each.chosen!r}, and the choice of this dashboard {chosen!r}"
        if each.kind == "choice" and not each.chosen:
            yield each.file, each.line, "Chosen is missing: the column that people choose by"
        for other in widgets[:at]:
            if each.place.cells() & other.place.cells():
                yield each.file, each.line, f"Place overlaps {other.name}, which is at {_words(other)}"


def _words(each: Widget) -> str:
    return "column {}, row {}, {} wide, {} high".format(*each.place)
