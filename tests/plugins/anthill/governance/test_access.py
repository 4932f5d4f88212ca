"""Tags, policies and shares by the entries' own words, over REST: planned, applied, found again, and seen by readers.

Whether readers see less is asked of them; whether a policy is as the service takes it is judged by the local workspace,
which the vendor's own client judges (tests/local/databricks).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import delta_sharing
import pytest
import requests
from airflow.providers.databricks.hooks.databricks import DatabricksHook

from anthill.catalog import DeclarationError
from anthill.governance import declared_tables, entries, kinds, plan, share
from anthill.governance.kinds import Kind
from anthill.governance.kinds.policies import Policies
from anthill.governance.kinds.shares import Shares
from anthill.governance.kinds.tags import Tags
from tests.local.databricks.workspace import ACCOUNT, Workspace

AT = "2.1/unity-catalog"
TODAY = dt.date(2026, 11, 29)
RETURNS = "dev.gold.stocks_daily_returns"
MADE = (
    "CREATE TABLE dev.silver.tiny_quotes USING delta AS SELECT * FROM VALUES "
    "('A', 1.5D, DATE '2020-01-02'), ('B', 2.5D, DATE '9999-01-01') AS v (ticker, close, market_date)",
    "CREATE TABLE dev.gold.tiny_last USING delta AS SELECT * FROM dev.silver.tiny_quotes",
    "CREATE OR REPLACE VIEW dev.gold.tiny_seen AS SELECT ticker, close FROM dev.gold.tiny_last",
    f"CREATE TABLE {RETURNS} USING delta PARTITIONED BY (year) AS SELECT * FROM VALUES "
    "('A', 0.5D, 2023), ('B', 0.25D, 2024) AS v (ticker, total_return, year)",
)
TINY = """
asset_class: tiny
description: Quotes of the tests
source: polygon
calendar: XNYS
start_date: 2020-01-02
due_after_close: PT1H
deadline_after_close: PT2H
owner: market-data
tags: {licence: polygon}
gold: [last, seen]
access:
  last:
    tags: {licence: free}
    rows:
      all_for: [data_scientists]
      others: market_date < current_date()
      of: [market_date]
datasets:
  quotes:
    description: Quotes
    path: /quotes
    key: [ticker]
    fields: {T: ticker, c: close}
    access:
      rows:
        all_for: [data_scientists]
        others: market_date < current_date()
        of: [market_date]
      masks:
        close: {plain_for: [data_scientists], others: round(close)}
"""
SHARE = """
description: Returns for a partner
tables:
  - {name: gold.stocks_daily_returns, partitions: {year: "2024"}}
recipients:
  partner: {until: 2099-12-31}
"""


class Counted:
    """The provider's hook, and the calls that change something."""

    def __init__(self) -> None:
        self._hook = DatabricksHook("databricks_default")
        self.written: list[str] = []

    def _do_api_call(self, endpoint_info: tuple[str, str], json: Any = None, wrap_http_errors: bool = True) -> Any:
        if endpoint_info[0] != "GET":
            self.written.append(" ".join(endpoint_info))
        return self._hook._do_api_call(endpoint_info, json, wrap_http_errors)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The tables, which everyone may read."""
    running = Workspace(tmp_path_factory.mktemp("access")).start()
    for statement in MADE:
        assert running.sql(statement)["status"]["state"] == "SUCCEEDED"
    for schema in ("silver", "gold"):
        changes = [{"principal": "account users", "add": ["USE_SCHEMA", "SELECT"]}]
        running.call("PATCH", f"{AT}/permissions/schema/dev.{schema}", changes=changes)
    yield running
    running.stop()


@pytest.fixture
def hook(lake: Workspace, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """As the pipeline's, to that workspace."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", lake.connection)
    monkeypatch.setattr(declared_tables, "partitions", lambda name: ["year"])  # as MADE has it
    return Counted()


def all_kinds(hook: Counted, folder: Path, tiny: str = TINY, shared: str = SHARE, today: dt.date = TODAY) -> list[Kind]:
    """The kinds over what files say."""
    for name, text in (("datasets/tiny.yaml", tiny), ("shares/research.yaml", shared)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    tables = entries.load("dev", folder / "datasets")
    shares = share.load(folder / "shares") if shared else []
    return [Tags(hook, tables), Policies(hook, "dev", tables), Shares(hook, "dev", shares, today)]


def applied(found: Sequence[Kind]) -> plan.Plan:
    """Make everything as it is declared; the plan of it."""
    assert [error for kind in found for error in kind.refused()] == []
    changes = kinds.made(found, "dev")
    assert kinds.applied(found, changes) == []
    return changes


def rows(lake: Workspace, table: str, by: str) -> list[list[str]]:
    """What somebody sees."""
    return list(lake.sql(f"SELECT ticker, close FROM {table} ORDER BY 1", by=by)["result"]["data_array"])


def lines(items: Sequence[plan.Item]) -> set[tuple[str, str, str]]:
    """Items in short."""
    return {(item.on, item.who, item.what) for item in items}


def test_what_is_declared_is_applied_once_and_readers_see_less(lake: Workspace, hook: Counted, tmp_path: Path) -> None:
    """Gold, which the jobs make through the same policies, stays whole; a second plan writes nothing."""
    first = applied(all_kinds(hook, tmp_path))
    assert {("table dev.gold.tiny_last", "licence", "free"), ("table dev.silver.tiny_quotes", "licence", "polygon"),
            ("table dev.silver.tiny_quotes", "layer", "silver"),
            ("share dev__research", f"table {RETURNS}", "year 2024"),
            ("share dev__research", "recipient dev__partner", "SELECT"),
            ("recipient dev__partner", "recipient dev__partner", "reads until 2099-12-31"),
            } <= lines(first.added)  # fmt: skip
    pipeline = ACCOUNT.role("pipeline").name
    masked = f"close as round(close) but for {pipeline}, data_scientists"
    assert ("table dev.silver.tiny_quotes", "account users", masked) in lines(first.added)
    assert hook.written

    again = Counted()
    second = applied(all_kinds(again, tmp_path))
    assert (second.added, second.removed, again.written) == ((), (), [])
    assert lines(second.kept) == lines(first.added)

    assert rows(lake, "dev.silver.tiny_quotes", "analyst") == [["A", "2.0"]]
    assert rows(lake, "dev.silver.tiny_quotes", "data_scientist") == [["A", "1.5"], ["B", "2.5"]]
    assert rows(lake, "dev.gold.tiny_seen", "analyst") == [["A", "1.5"]], "through a view, by who reads it"
    made = lake.sql("INSERT INTO dev.gold.tiny_last SELECT * FROM dev.silver.tiny_quotes")
    assert made["status"]["state"] == "SUCCEEDED"
    assert len(rows(lake, "dev.gold.tiny_last", "pipeline")) == 4, "the jobs are exempt"


def test_a_recipient_reads_what_is_shared_until_the_last_day(lake: Workspace, hook: Counted, tmp_path: Path) -> None:
    """All rows of it: no policy is for a share. When the day is over the recipient is gone."""
    applied(all_kinds(hook, tmp_path))
    told = lake.call("GET", f"{AT}/recipients/dev__partner")
    code = told["tokens"][0]["activation_url"].rpartition("?")[2]
    profile = tmp_path / "partner.share"
    profile.write_text(requests.get(f"{lake.url}/api/{AT}/public/data_sharing_activation/{code}").text)
    assert json.loads(profile.read_text())["expirationTime"] == "2100-01-01T00:00:00.000Z"
    read = delta_sharing.load_as_pandas(f"{profile}#dev__research.gold.stocks_daily_returns")
    assert read.to_dict("records") == [{"ticker": "B", "total_return": 0.25, "year": 2024}]

    other = SHARE.replace('"2024"', '"202%"')
    changed = applied(all_kinds(hook, tmp_path, shared=other))
    assert [item.what for item in changed.added] == ["year 202%"]
    assert len(delta_sharing.load_as_pandas(f"{profile}#dev__research.gold.stocks_daily_returns")) == 2

    over = applied(all_kinds(hook, tmp_path, shared=other, today=dt.date(2100, 1, 1)))
    assert {item.on for item in over.removed} == {"share dev__research", "recipient dev__partner"}
    assert lake.call("GET", f"{AT}/recipients") == {}
    gone = applied(all_kinds(hook, tmp_path, shared=""))
    assert {item.on for item in gone.removed} == {"share dev__research"}
    assert lake.call("GET", f"{AT}/shares") == {}


def test_what_was_changed_by_hand_is_seen_and_undone(lake: Workspace, hook: Counted, tmp_path: Path) -> None:
    """A policy that lets more people through, one that nobody declared, a tag, and one on the schema."""
    applied(all_kinds(hook, tmp_path))
    at = f"{AT}/policies/table/dev.silver.tiny_quotes/anthill%20rows"
    widened = [ACCOUNT.role("pipeline").name, "data_scientists", "analysts"]
    lake.call("PATCH", at, except_principals=widened)
    told = lake.call("GET", at)
    stray = {key: told[key] for key in ("row_filter", "match_columns", "policy_type", "for_securable_type")}
    stray |= {"name": "stray", "to_principals": ["analysts"], "on_securable_type": "TABLE"}
    lake.call("POST", f"{AT}/policies", **stray, on_securable_fullname="dev.gold.tiny_last")
    wide = {**stray, "on_securable_type": "SCHEMA", "on_securable_fullname": "dev.gold", "name": "wide"}
    lake.call("POST", f"{AT}/policies", **wide)
    lake.call("DELETE", f"{AT}/entity-tag-assignments/tables/dev.gold.tiny_last/tags/licence")
    found = kinds.made(all_kinds(hook, tmp_path), "dev")
    assert {(item.on, item.who) for item in found.removed} == {
        ("table dev.silver.tiny_quotes", "account users"), ("table dev.gold.tiny_last", "account users"),
    }  # fmt: skip
    assert {(item.on, item.who) for item in found.added} == {
        ("table dev.silver.tiny_quotes", "account users"), ("table dev.gold.tiny_last", "licence"),
    }  # fmt: skip
    assert [item.why for item in found.unmanaged if item.kind == "policy"] == [
        "does not exempt the jobs, so that gold lacks what it holds back"
    ]
    lake.call("DELETE", f"{AT}/policies/schema/dev.gold/wide")
    applied(all_kinds(hook, tmp_path))
    assert (kinds.made(all_kinds(hook, tmp_path), "dev").added, found.absent) == ((), ())
    assert rows(lake, "dev.silver.tiny_quotes", "analyst") == [["A", "2.0"]]


def test_what_is_no_longer_declared_is_taken_off(lake: Workspace, hook: Counted, tmp_path: Path) -> None:
    """With the functions that were made for it."""
    applied(all_kinds(hook, tmp_path))
    before, _, after = TINY.partition("    access:\n      rows:")
    assert after
    applied(all_kinds(hook, tmp_path, tiny=before))
    assert rows(lake, "dev.silver.tiny_quotes", "analyst") == [["A", "1.5"], ["B", "2.5"]]
    functions = lake.call("GET", f"{AT}/functions", catalog_name="dev", schema_name="silver")
    assert functions == {}


VIEWED = TINY.replace("  last:\n", "  seen:\n").replace("of: [market_date]", "of: [ticker]", 1)


@pytest.mark.parametrize(
    ("tiny", "shared", "what", "why"),
    [
        (VIEWED, "", "tiny.yaml:15: anthill rows on dev.gold.tiny_seen", "it is a view, which no policy can be on"),
        (TINY.replace("of: [market_date]", "of: [session]", 1), "", "tiny.yaml:15: anthill rows on dev.gold.tiny_last",
         "the table has no column session"),
        (TINY.replace("data_scientists", "traders", 1), "", "principal traders", "tiny.yaml:15 gives it something"),
        (TINY, SHARE.replace("stocks_daily_returns", "stocks_ratios"), "research.yaml:4: share research",
         "dev.gold.stocks_ratios does not exist"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_changed(
    lake: Workspace, hook: Counted, tmp_path: Path, tiny: str, shared: str, what: str, why: str
) -> None:
    """One message each, with file and line."""
    refused = [error for kind in all_kinds(hook, tmp_path, tiny, shared) for error in kind.refused()]
    assert len(refused) == 1
    assert what in str(refused[0])
    assert why in str(refused[0])
    assert hook.written == []


@pytest.mark.parametrize(
    ("tiny", "said"),
    [
        (TINY.replace("    tags: {licence: free}\n", "    exempt: [data_scientists]\n"),
         "tiny.yaml:14: key 'access.last.exempt' lacks '{jobs}'"),
        (TINY.replace("        of: [market_date]\n      masks", "        of: [markt_date]\n      masks"),
         "tiny.yaml:29: key 'datasets.quotes.access.rows.of' names markt_date, which is no column"),
        (TINY.replace("licence: polygon", "li.cence: polygon"), "tiny.yaml:10: key 'tags.li.cence' is no key of a tag"),
        (TINY.replace("[data_scientists]\n      others", f"[{', '.join(f'g{n}' for n in range(19))}]\n      others", 1),
         "tiny.yaml:16: key 'access.last.rows.all_for' names more than 20 principals"),
        (TINY.replace("  last:\n", "  lost:\n"), "tiny.yaml:13: key 'access.lost' is no table of 'gold': last, seen"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_told_with_file_and_line(tmp_path: Path, tiny: str, said: str) -> None:
    """Above all one that does not exempt the principal that the jobs run as."""
    file = tmp_path / "tiny.yaml"
    file.write_text(tiny)
    with pytest.raises(DeclarationError) as error:
        entries.load("dev", tmp_path)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("shared", "said"),
    [
        (SHARE.replace("stocks_daily_returns", "stocks_daily_return"), ":4: key 'tables.0.name' is 'gold.stocks_d"),
        (SHARE.replace("gold.stocks_daily_returns", "silver.stocks_splits"), "only gold is shared"),
        (SHARE.replace("{year:", "{market_date:"), "partitions.market_date' is no partition column"),
        (SHARE.replace("stocks_daily_returns", "stocks_daily_prices"), "column of gold.stocks_daily_prices"),
        (SHARE.replace("until: 2099-12-31", "until: 2099-12-32"), ":6: key 'recipients"),
        (SHARE.replace("partner: {until: 2099-12-31}", "partner: {}"), "until"),
    ],
)  # fmt: skip
def test_a_wrong_share_is_told_with_file_and_line(tmp_path: Path, shared: str, said: str) -> None:
    """Before anything is asked of the workspace."""
    (tmp_path / "research.yaml").write_text(shared)
    with pytest.raises(DeclarationError) as error:
        share.load(tmp_path)
    assert said in str(error.value)
    assert "research.yaml" in str(error.value)
