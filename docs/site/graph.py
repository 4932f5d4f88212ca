"""Pictures of tables and of what leads from one to another, as SVG in the page, without script or other host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import NamedTuple

from fast_sugiyama import from_edges

LINE, LETTER, PAD = 18, 7.3, 12  # height of a line, width of a letter of the code font at 12 px, room beside them
BETWEEN_LAYERS, BETWEEN_BOXES = 56, 10
PAGE = 900  # pixels that a page has for a picture


@dataclass(frozen=True)
class Box:
    """A table: its name, the page that tells of it, how it is coloured, and what is written under its name."""

    name: str
    href: str = ""
    kind: str = "gold"
    lines: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels."""
        return max(map(len, (self.name, *self.lines))) * LETTER + 2 * PAD, (1 + len(self.lines)) * LINE + PAD


class Place(NamedTuple):
    """Where the middle of a box is, in pixels from the upper left."""

    x: float
    y: float


def svg(
    title: str,
    boxes: Mapping[str, Box],
    edges: Iterable[tuple[str, str]],
    words: Mapping[tuple[str, str], str] | None = None,
    alone: bool = False,
) -> str:
    """A picture from left to right, on one line as raw HTML in Markdown wants it.

    `words` stand over an edge; what has none is left out, or stands below with `alone`.
    """
    edges = sorted(set(edges))
    longest = max(map(len, (words or {}).values()), default=0)
    places, lines, width, height = _laid_out(boxes, edges, max(BETWEEN_LAYERS, longest * LETTER + 2 * PAD))
    if alone:
        rest = {name: box for name, box in boxes.items() if name not in places}
        below, width, height = _in_rows(rest, width, height)
        places |= below
    drawn = "".join(_path(boxes, edge, [places[at] for at in lines[edge]]) for edge in edges)
    drawn += "".join(
        _box(boxes[name], places[name]) for name in sorted(name for name in places if isinstance(name, str))
    )
    for (one, other), said in (words or {}).items():
        x = (places[one].x + boxes[one].size[0] / 2 + places[other].x - boxes[other].size[0] / 2) / 2
        y = (places[one].y + places[other].y) / 2
        drawn += f'<text class="words" x="{x:.0f}" y="{y:.0f}">{escape(said)}</text>'
    tip = '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    tip += '<path d="M0 0L8 4L0 8z"/></marker></defs>'
    size = f"width:{width:.0f}px;min-width:{0.7 * width:.0f}px"
    head = f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="{size}" role="img">'
    return f'<div class="graph">{head}<title>{escape(title)}</title>{tip}{drawn}</svg></div>'


def upstream(name: str, reads: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    """What a table is made from, up to what is loaded, and the tables that read it."""
    found = {(name, reader) for reader, read in reads.items() if name in read}
    wanted = [name]
    while wanted:
        table = wanted.pop()
        for source in reads.get(table, ()):
            if (source, table) not in found:
                found.add((source, table))
                wanted.append(source)
    return found


def _laid_out(
    boxes: Mapping[str, Box], edges: Sequence[tuple[str, str]], gap: float
) -> tuple[dict[str | int, Place], dict[tuple[str, str], list[str | int]], float, float]:
    """Where each box is, and each bend of an edge that passes layers; the way of each edge; width and height.

    `gap` is how far layers are apart.
    """
    step = max((boxes[end].size[1] for edge in edges for end in edge), default=0) + BETWEEN_BOXES
    places: dict[str | int, Place] = {}
    ways: dict[tuple[str, str], list[str | int]] = {}
    left = top = PAD
    width = 0.0
    for at, part in enumerate(_parts(edges)):
        names = sorted({end for edge in part for end in edge})
        number = {name: at for at, name in enumerate(names)}
        given = [(number[one], number[other]) for one, other in part]
        ((positions, _, _, links),) = from_edges(
            given, dummy_vertices=True, dummy_size=0.3, vertex_spacing=1, crossing_minimization="barycenter"
        )
        # What the library numbers are its own bends, from where our numbers end; a number a part.
        called = {node: names[node] if node < len(names) else node + at * 100_000 for node, _ in positions}
        depth = {y: place for place, y in enumerate(sorted({y for _, (_, y) in positions}, reverse=True))}
        layers: dict[int, float] = {}
        for node, (_, y) in positions:
            wide = boxes[names[node]].size[0] if node < len(names) else 0
            layers[depth[y]] = max(layers.get(depth[y], 0.0), wide)
        begins = [left + sum(layers[i] + gap for i in range(place)) for place in range(len(layers))]
        least = min(x for _, (x, _) in positions)
        for node, (x, y) in positions:
            place = depth[y]
            places[called[node]] = Place(begins[place] + layers[place] / 2, top + step / 2 + (x - least) * step)
        follows: dict[int, list[int]] = {}
        for one, other in links or ():
            follows.setdefault(int(one), []).append(int(other))
        for one in (node for node, _ in positions if node < len(names)):
            for following in follows.get(int(one), ()):
                way = [one, following]
                while way[-1] >= len(names):
                    way.append(follows[way[-1]][0])
                ways[names[way[0]], names[way[-1]]] = [called[node] for node in way]
        top += (max(x for _, (x, _) in positions) - least + 1) * step
        width = max(width, begins[-1] + layers[len(layers) - 1])
    return places, ways, width + PAD, top + PAD


def _in_rows(boxes: Mapping[str, Box], width: float, top: float) -> tuple[dict[str | int, Place], float, float]:
    """Boxes one beside the other, in rows as wide as what stands above, or as a page; width and height then."""
    places: dict[str | int, Place] = {}
    widest, left, row = max(width, PAGE), float(PAD), 0.0
    for name, box in boxes.items():
        wide, high = box.size
        if left > PAD and left + wide + PAD > widest:
            left, top, row = PAD, top + row + BETWEEN_BOXES, 0.0
        places[name] = Place(left + wide / 2, top + high / 2)
        left, row = left + wide + BETWEEN_BOXES, max(row, high)
        width = max(width, left - BETWEEN_BOXES + PAD)
    return places, width, top + row + PAD


def _parts(edges: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The edges that hang together, each part by itself: of several, the library gives its bends our numbers."""
    parts: list[list[tuple[str, str]]] = []
    for edge in edges:
        joined = [part for part in parts if any({*edge} & {*other} for other in part)]
        parts = [part for part in parts if part not in joined]
        parts.append([*(each for part in joined for each in part), edge])
    return sorted(map(sorted, parts))


def _box(box: Box, place: Place) -> str:
    width, height = box.size
    left, upper = place.x - width / 2, place.y - height / 2
    text = "".join(
        f'<text x="{left + PAD:.0f}" y="{upper + PAD / 2 + LINE * (at + 0.75):.0f}">{escape(line)}</text>'
        for at, line in enumerate((box.name, *box.lines))
    )
    drawn = f'<rect x="{left:.0f}" y="{upper:.0f}" width="{width:.0f}" height="{height:.0f}" rx="5"/>{text}'
    return f'<a href="{box.href}" class="{box.kind}">{drawn}</a>' if box.href else f'<g class="{box.kind}">{drawn}</g>'


def _path(boxes: Mapping[str, Box], edge: tuple[str, str], way: Sequence[Place]) -> str:
    """From the right of one box to the left of the other."""
    begin, *bends, end = way
    points = [
        Place(begin.x + boxes[edge[0]].size[0] / 2, begin.y),
        *bends,
        Place(end.x - boxes[edge[1]].size[0] / 2, end.y),
    ]
    drawn = f"M{points[0].x:.0f} {points[0].y:.0f}"
    for one, other in pairwise(points):
        middle = (one.x + other.x) / 2
        drawn += f"C{middle:.0f} {one.y:.0f} {middle:.0f} {other.y:.0f} {other.x:.0f} {other.y:.0f}"
    return f'<path class="edge" d="{drawn}" marker-end="url(#tip)"/>'
