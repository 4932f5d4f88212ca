"""What stands in a list is the text that was meant, or the message says how it is to be written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from anthill import catalog

from .test_catalog import GOOD

Declared = Callable[..., catalog.AssetClass]
MONDAY = dt.date(2014, 6, 9)


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Declared:
    """Read a declaration whose list has these lines of YAML."""
    path = tmp_path_factory.mktemp("lists") / "metals.yaml"

    def read(*lines: str) -> catalog.AssetClass:
        fixes = {**GOOD["datasets"]["fixes"], "each": "symbols", "path": "/v1/fixes/{symbols}/{market_date}"}
        document = yaml.safe_dump({**GOOD, "datasets": {"fixes": fixes}})
        path.write_text(document + "lists:\n  symbols:\n" + "".join(f"    - {line}\n" for line in ("AAPL", *lines)))
        return catalog.parse(path)

    return read


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ON", 'ON, which YAML reads as bool True, not as text: write it in quotes, - "ON"'),
        ("NO", 'NO, which YAML reads as bool False, not as text: write it in quotes, - "NO"'),
        ("yes", "yes, which YAML reads as bool True"),
        ("12:30", 'which YAML reads as int 750, not as text: write it in quotes, - "12:30"'),
        ("007", 'write it in quotes, - "007"'),
        ("1e5", ""),  # text to YAML 1.1
        ("1.5", 'write it in quotes, - "1.5"'),
        ("~", 'write it in quotes, - "~"'),
        ("2026-06-01", 'write it in quotes, - "2026-06-01"'),
        ("C: EURUSD", 'which YAML reads as a mapping or list, not as text: write it in quotes, - "C: EURUSD"'),
        ('" AAPL"', '" AAPL", which has blanks around it: write - "AAPL"'),
        ('"BRK B"', "no symbol has ' '"),
        ('""', '"", which is empty: remove it'),
        ("A#B", "'A#B': no symbol has '#'"),
        ('"A?b=1"', "no symbol has '?'"),
        ('"%2e"', "no symbol has '%'"),
        ('"{market_date}"', "no symbol has '{}'"),
        (r'"A\0"', r"no symbol has '\x00'"),
    ],
)  # fmt: skip
def test_what_is_no_symbol_is_named(declared: Declared, line: str, said: str) -> None:
    """File, list, place, what is written there, and how to write it."""
    if not said:
        assert declared(line).lists["symbols"] == ("AAPL", line)
        return
    with pytest.raises(catalog.DeclarationError) as caught:
        declared(line)
    assert re.search(r"metals\.yaml:\d+: key 'lists\.symbols' has the item 2, ", str(caught.value))
    assert said in str(caught.value)


@pytest.mark.parametrize("word", ["ON", "NO", "12:30", "007", "1.5", "2026-06-01", "BRK.B", "BRK/B", "X:BTC-USD"])
def test_in_quotes_it_is_what_is_written(declared: Declared, word: str) -> None:
    """As the message advises."""
    assert declared(f'"{word}"').lists["symbols"] == ("AAPL", word)


@given(st.text(min_size=1, max_size=12))
@example("BRK/B")
@example("A#B")
@example("A?x=1&y=2")
@example("..")
@example(".")
@example("A%2FB")
@example("{market_date}")
@example("\x00\ufffd")
def test_whatever_the_source_calls_a_thing_is_one_segment_of_the_path(declared: Declared, value: str) -> None:
    """Values come from rows, too: no other path, query or fragment can be made of one."""
    url = urlsplit("https://api.test" + declared().datasets["fixes"].call(MONDAY, value=value).path)
    before, segment, day = url.path.rsplit("/", 2)
    assert (before, day) == ("/v1/fixes", "2014-06-09")
    assert segment not in (".", "..")
    assert (url.query, url.fragment) == ("", "")
    assert unquote(segment, errors="surrogatepass") == value
