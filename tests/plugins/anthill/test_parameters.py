"""A job's parameters are what they say they are, or the job does nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anthill import settings
from anthill.names import ParameterError
from anthill.parameters import checked

from .lakehouse.test_notebooks import NOTEBOOKS, ROOT, Dbutils

GOOD = {
    "catalog": "dev",
    "asset_class": "stocks",
    "market_date_from": "2026-06-01",
    "market_date_to": "2026-06-02",
    "datasets": "splits,dividends",
    "manifest": "s3://anthill-dev-bronze/polygon/stocks/_silver/0a1b.json",
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"catalog": "Anthill_Prod2"},
        {"datasets": ""},
        {"datasets": "-"},
        {"asset_class": "crypto"},
        {"digest": "0a" * 32},
        {"digest": ""},
        {"sandbox": ""},
        {"sandbox": "anna_b2"},
    ],
)
def test_what_airflow_gives_is_taken(change: dict[str, str]) -> None:
    """As it is."""
    given = {**GOOD, "datasets": "", **change}
    assert checked(given) == given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("catalog", "dev; DROP TABLE gold.stocks_daily_prices"),
        ("catalog", "dev.gold"),
        ("catalog", "`dev`"),
        ("catalog", "dev\\n"),
        ("catalog", "dev\n"),
        ("catalog", "dév"),
        ("catalog", "my-catalog"),
        ("catalog", ""),
        ("sandbox", "anna.gold"),
        ("sandbox", "2anna"),
        ("sandbox", "anna-b"),
        ("sandbox", "anna\n"),
        ("asset_class", "stocks' OR '1'='1"),
        ("asset_class", "../grants/stocks"),
        ("asset_class", "stocks\n"),
        ("market_date_from", "2026-06-01' OR market_date > DATE'2000-01-01"),
        ("market_date_from", "20260601"),
        ("market_date_to", "2026-02-30"),
        ("market_date_to", "2026-W01-1"),
        ("market_date_to", "\uff12\uff10\uff12\uff16-06-01"),
        ("datasets", "splits,quotes"),
        ("datasets", "splits'"),
        ("manifest", "/etc/passwd"),
        ("manifest", "s3://bucket/a*"),
        ("digest", "0a" * 31),
        ("digest", "0A" * 32),
        ("manifest", "s3://bucket/a b"),
        ("more", "x"),
    ],
)
def test_anything_else_is_refused_by_name(name: str, value: str) -> None:
    """The parameter and what was given are in the message."""
    with pytest.raises(ParameterError, match=f"^{name} is ") as caught:
        checked({**GOOD, name: value})
    assert name == "more" or repr(value) in str(caught.value)


@given(st.text(max_size=20))
@example("dev--")
@example("dev/**/")
@example("\uff44\uff45\uff56")
@example("\uff11")
def test_a_catalog_is_an_identifier(text: str) -> None:
    """What SQL takes without quotes, in ASCII: everything else is refused, in the job and in Airflow's own setting."""
    fits = re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", text) is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings.conf, "get", lambda *_, **__: text)
        for look in (lambda: checked({"catalog": text})["catalog"], settings.catalog):
            if fits:
                assert look() == text
            else:
                with pytest.raises(ParameterError, match="letters, digits and underscores"):
                    look()


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_looks_at_its_parameters_before_anything_else(file: Any) -> None:
    """Without a session there is nothing that it could have asked."""
    assert (ROOT / "databricks" / "notebooks" / file).is_file()
    wrong = {**GOOD, "catalog": "dev; SELECT 1"}
    with pytest.raises(ParameterError, match="catalog"):
        exec(compile(file.read_text(), str(file), "exec"), {"spark": None, "dbutils": Dbutils(wrong)})
