"""Pictures of tables: each is there once, none over another, and every arrow leads from one to the next."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import example, given, settings
from hypothesis import strategies as st

from docs.site.graph import Box, svg, upstream

NAMES = [f"table_{'x' * length}{length}" for length in range(12)]
EDGES = st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda ends: ends[0] < ends[1]), min_size=1)


@settings(max_examples=40, deadline=None)
@given(EDGES)
@example({(1, 2), (3, 4), (1, 4), (2, 3), (0, 5)})
@example({(1, 2), (0, 4), (1, 5), (2, 3), (3, 5)})
def test_boxes_stand_apart_and_arrows_join_them(numbers: set[tuple[int, int]]) -> None:
    """From left to right, whatever reads whatever; nothing lies outside the picture."""
    edges = {(NAMES[one], NAMES[other]) for one, other in numbers}
    boxes = {name: Box(name, f"{name}.html", lines=("a column",) * (len(name) % 3)) for name in NAMES}
    root = ET.fromstring(re.search(r"<svg.*</svg>", svg("made", boxes, edges))[0])
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    found = {}
    for link in root.iter("a"):
        rect, name = link.find("rect"), link.find("text").text
        assert name not in found
        found[name] = tuple(float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
    assert set(found) == {end for edge in edges for end in edge}
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in found.values())
    rects = sorted(found.values())
    for at, (x, y, w, h) in enumerate(rects):
        assert all(x + w <= other[0] or y + h <= other[1] or other[1] + other[3] <= y for other in rects[at + 1 :])
    ways = set()
    for path in (path for path in root.iter("path") if path.attrib.get("class") == "edge"):
        ends = [float(number) for number in re.findall(r"-?\d+", path.attrib["d"])]
        begin = next(n for n, (x, y, w, h) in found.items() if abs(x + w - ends[0]) < 2 and y < ends[1] < y + h)
        end = next(n for n, (x, y, w, h) in found.items() if abs(x - ends[-2]) < 2 and y < ends[-1] < y + h)
        assert found[begin][0] < found[end][0]
        ways.add((begin, end))
    assert ways == edges


def test_words_stand_between_the_boxes_that_they_join() -> None:
    """However long they are."""
    boxes = {name: Box(name, f"{name}.html") for name in ("fact", "dimension", "date")}
    words = {("fact", "dimension"): "a_key_with_a_very_long_name", ("fact", "date"): "day = date"}
    root = ET.fromstring(re.search(r"<svg.*</svg>", svg("made", boxes, words, words))[0])
    rects = {link.find("text").text: link.find("rect").attrib for link in root.iter("a")}
    for text in (text for text in root.iter("text") if text.attrib.get("class") == "words"):
        half = len(text.text) * 12 * 0.6 / 2  # of a font of 12 px whose letters are 0.6 of that wide, from the middle
        assert float(text.attrib["x"]) - half >= float(rects["fact"]["x"]) + float(rects["fact"]["width"])
        assert all(float(text.attrib["x"]) + half <= float(rects[name]["x"]) for name in ("dimension", "date"))


def test_a_picture_is_the_same_each_time() -> None:
    """In whatever order its edges come, and nothing in it is code."""
    boxes = {name: Box(name) for name in ("a", "b", "<c>")}
    edges = [("a", "b"), ("b", "<c>"), ("a", "<c>")]
    assert svg("made", boxes, edges) == svg("made", boxes, edges[::-1])
    assert "&lt;c&gt;" in svg("made", boxes, edges)


def test_what_leads_to_a_table_goes_up_to_the_first_and_down_by_one() -> None:
    """Its sources and theirs; its readers, without theirs and without what else they read."""
    reads = {"b": ["a"], "c": ["b", "x"], "d": ["c", "y"], "e": ["d"]}
    assert upstream("c", reads) == {("a", "b"), ("b", "c"), ("x", "c"), ("c", "d")}
