"""Who may read what, by role, layer and asset class: as it was written table by table, and what was meant to change."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from anthill import catalog, renamed
from anthill.access import Access, Mask, Rows
from anthill.catalog import DeclarationError
from anthill.dataset import Dataset
from anthill.governance import grants, readers
from anthill.governance.entries import Entry
from anthill.governance.securables import Securable
from anthill.governance.share import Recipient, Share, SharedTable
from anthill.include import include_dir

# "" is a table of no asset class
CLASSES = ("crypto", "economy", "enem", "forex", "indices", "options", "stocks", "totesys", "star", "")
# The rights on the tables of each layer and asset class when every table had a list of its own: r for SELECT alone.
BEFORE = {
    #                              crypto economy enem  forex indices options stocks totesys star ""
    ("analysts", "gold"):          ("r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   " "),
    ("analysts", "silver"):        (" ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   " "),
    ("analysts", "quality"):       (" ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   "r"),
    ("data_engineers", "gold"):    ("r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   " "),
    ("data_engineers", "silver"):  ("r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   " ",   " "),
    ("data_engineers", "quality"): (" ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   "r"),
}  # fmt: skip
# Meant: scientists read silver, gold and what says how far to trust them; nobody had been given this table of silver.
ADDED = {
    ("data_scientists", "gold"):   ("r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   " "),
    ("data_scientists", "silver"): ("r",   "r",   "r",   "r",   "r",   "r",   "r",   "r",   " ",   " "),
    ("data_scientists", "quality"):(" ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   " ",   "r"),
}  # fmt: skip
ALONE = {"quality.quarantine"}  # rows as the source gave them: no direct reader


def _off(datasets: Mapping[str, Dataset]) -> Iterator[str]:
    """The tables of silver and gold that there are only where these datasets are on."""
    for name, dataset in datasets.items():
        yield from (name, *dataset.gold)


def tables() -> Iterator[tuple[str, str, str]]:
    """Every table that SQL declares or an old name gives: its name, its layer and its asset class."""
    off = {(name, part) for name in catalog.asset_classes() for part in _off(catalog.load(name).off)}
    for layer in ("silver", "gold"):
        for file in include_dir().glob(f"sql/{layer}/*/*.sql"):
            if file.parent.name not in CLASSES or (file.parent.name, file.stem) in off:
                continue  # a piece that tables of several asset classes include, or of a dataset that is off
            name = file.stem if file.parent.name == "star" else f"{file.parent.name}_{file.stem}"
            yield f"{layer}.{name}", layer, file.parent.name
    for name in ("volatility_forecasts", "anomaly_opinions"):  # over all asset classes, by the job `models`
        yield f"gold.{name}", "gold", "star"
    for old in renamed.load().tables:
        yield f"gold.{old}", "gold", old.partition("_")[0]
    for file in include_dir().glob("sql/quality/*.sql"):
        yield f"quality.{file.stem}", "quality", ""


def test_every_table_has_the_readers_that_it_had_and_those_that_were_meant() -> None:
    """Each table that there is, with each role; no other securable of the kind, no other right, nobody else."""
    declared = {each.name: each for each in grants.load(grants.areas(), "c") if each.type == "table"}
    rights = BEFORE | ADDED
    assert {name.removeprefix("c.") for name in declared} == {name for name, *_ in tables()} - ALONE
    for name, layer, asset_class in tables():
        if name in ALONE:
            continue
        expected = {who for (who, at), row in rights.items() if at == layer and row[CLASSES.index(asset_class)] == "r"}
        assert declared[f"c.{name}"].grants == dict.fromkeys(expected, frozenset({"SELECT"})), name
        assert declared[f"c.{name}"].others == "revoke"


def test_schemas_are_usable_by_those_who_read_in_them() -> None:
    """Engineers read all of a schema, quarantine too; analysts and scientists what they are given."""
    schemas = {each.name: dict(each.grants) for each in grants.load(grants.areas(), "c") if each.type == "schema"}
    use = frozenset({"USE_SCHEMA"})
    everywhere = {"data_engineers": use | {"SELECT"}, "data_scientists": use}
    assert schemas == {
        "c.gold": {**everywhere, "analysts": use},
        "c.quality": {**everywhere, "analysts": use},
        "c.silver": everywhere,
    }


def declare(folder: Path, area: str, **document: object) -> None:
    """A file of declarations."""
    (folder / f"{area}.yaml").write_text(yaml.safe_dump(document))


def held(folder: Path) -> dict[str, dict[str, list[str]]]:
    """What each table's readers are, by its name within the catalog."""
    loaded = grants.load(["forex", "crypto"], "c", folder)
    return {each.name[2:]: {who: sorted(what) for who, what in each.grants.items()} for each in loaded}


def test_an_asset_class_may_have_readers_of_its_own(tmp_path: Path) -> None:
    """Its file stands for the layers that it names; the other layer, and other asset classes, keep the default."""
    declare(tmp_path, "shared", tables={"gold": {"a": ["SELECT"]}, "silver": {"b": ["SELECT"]}})
    declare(tmp_path, "forex", tables={"gold": {"licensed": ["SELECT"]}})
    given = held(tmp_path)
    assert given["gold.forex_daily_prices"] == {"licensed": ["SELECT"]}
    assert given["silver.forex_tickers"] == {"b": ["SELECT"]}
    assert given["gold.crypto_daily_prices"] == {"a": ["SELECT"]}


def test_an_entry_stands_in_the_place_of_the_default(tmp_path: Path) -> None:
    """One table has the readers of its entry; its neighbours those of the layer."""
    declare(tmp_path, "shared", tables={"gold": {"a": ["SELECT"]}})
    entry = {"type": "table", "name": "{catalog}.gold.forex_triangles", "grants": {"b": ["SELECT", "MODIFY"]}}
    declare(tmp_path, "forex", securables=[entry])
    given = held(tmp_path)
    assert given["gold.forex_triangles"] == {"b": ["MODIFY", "SELECT"]}
    assert given["gold.forex_cross_rates"] == {"a": ["SELECT"]}
    assert not [name for name in given if name.startswith("silver")]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"tables": {"glod": {"a": ["SELECT"]}}}, "tables has the keys silver and gold"),
        ({"tables": ["gold"]}, "tables has the keys silver and gold"),
        ({"tables": {"gold": {"a": ["USE_SCHEMA"]}}}, "tables.gold.a has 'USE_SCHEMA'; a table allows"),
        ({"tables": {"gold": {}}}, "tables.gold must name principals"),
        ({"securables": {"a": 1}}, "securables must be a list, not dict"),
        ({"readers": {}}, "the keys are 'tables'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, document: dict[str, object], said: str) -> None:
    """The file, the key and what is allowed."""
    declare(tmp_path, "shared", **document)
    with pytest.raises(DeclarationError) as error:
        grants.load(["shared"], "c", tmp_path)
    assert re.match(rf"{re.escape(str(tmp_path / 'shared.yaml'))}:[123]: ", str(error.value))
    assert said in str(error.value)


def test_a_file_of_no_asset_class_is_named(tmp_path: Path) -> None:
    """A misspelt one would give nobody anything, and nobody would see it."""
    declare(tmp_path, "frex", tables={"gold": {"a": ["SELECT"]}})
    with pytest.raises(DeclarationError, match=r"frex\.yaml: grants are declared for shared, crypto, "):
        grants.areas(tmp_path)
    assert grants.areas() == ["shared", *catalog.asset_classes()]


def test_what_asset_classes_bring_together_is_given_by_those_who_bring_it() -> None:
    """The economy has no prices: its first run, with no other before it, waits for no view of them."""
    star = {
        "c.gold.dim_instrument",
        "c.gold.fact_daily_price",
        "c.gold.volatility_forecasts",
        "c.gold.anomaly_opinions",
    }
    given = lambda *areas: {each.name for each in grants.load(areas, "c")}  # noqa: E731
    assert not given("shared", "economy") & star
    assert "c.gold.dim_date" in given("shared", "economy")
    assert star < given("shared", "forex")
    assert star < given("shared", "economy", "forex")
    assert star < given("shared")


TODAY = dt.date(2026, 6, 16)
READ, USE = frozenset({"SELECT"}), frozenset({"USE_SCHEMA"})


def securable(kind: str, name: str, grants: dict[str, frozenset[str]]) -> Securable:
    """One that a file declares, each of its principals on a line of its own."""
    lines = {who: at for at, who in enumerate(grants, 3)}
    return Securable(kind, name, grants, "keep", "grants.yaml", lines=lines, line=2)


def reads(access: Access, schema: dict[str, frozenset[str]], table: dict[str, frozenset[str]]) -> list[Any]:
    """Who reads the one table, what they see, and by what."""
    declared = [securable("schema", "c.gold", schema), securable("table", "c.gold.a", table)]
    entries = [Entry("c.gold.a", access, {}, None, "stocks.yaml", ())]  # type: ignore[arg-type]
    return [(each.who, each.sees, each.by) for each in readers.of(["gold.a"], declared, entries, [], "c", TODAY)]


def test_a_reader_sees_what_policies_leave() -> None:
    """All where no policy is for them; else which rows, and each masked column as what."""
    access = Access(
        rows=Rows(("owners",), others="region = 'EU'", of=("region",)),
        masks={"email": Mask(("owners", "support")), "phone": Mask(("support",), others="'…'")},
        exempt=("{jobs}", "auditors"),
    )
    who = dict.fromkeys(("analysts", "auditors", "owners", "support"), READ)
    assert {name: sees for name, sees, _ in reads(access, dict.fromkeys(who, USE), who)} == {
        "analysts": "rows where region = 'EU', email as NULL, phone as '…'",
        "auditors": "all",
        "owners": "phone as '…'",
        "support": "rows where region = 'EU'",
    }
    nothing = Access(rows=Rows(("owners",)))
    assert [sees for _, sees, _ in reads(nothing, {"analysts": USE}, {"analysts": READ})] == ["no rows"]
    assert [sees for _, sees, _ in reads(Access(), {"analysts": USE}, {"analysts": READ})] == ["all"]


def test_a_right_on_the_schema_is_inherited() -> None:
    """Told once a reader, by the nearer place; without USE_SCHEMA it gives nothing."""
    schema = {"engineers": READ | USE, "analysts": USE, "lost": READ, "both": READ | USE}
    assert reads(Access(), schema, {"analysts": READ, "both": READ, "writers": frozenset({"MODIFY"})}) == [
        ("analysts", "all", "grants.yaml:3"),
        ("both", "all", "grants.yaml:4"),
        ("engineers", "all", "inherited from its schema, grants.yaml:3"),
        ("lost", "nothing: lacks USE_SCHEMA on its schema", "inherited from its schema, grants.yaml:5"),
    ]


def test_a_share_is_read_until_its_day_is_over() -> None:
    """By the recipient under the catalog's name; all of a table, or the partitions that are shared."""
    share = Share(
        "d",
        (SharedTable("gold.a"), SharedTable("gold.b", {"region": "EU", "day": "2026%"})),
        {"acme": Recipient(TODAY), "over": Recipient(TODAY - dt.timedelta(days=1))},
        name="partners",
        places={"acme": "partners.yaml:7"},
    )
    found = readers.of([], [], [], [share], "c", TODAY)
    assert [(each.table, each.who, each.sees, each.by, each.until) for each in found] == [
        ("gold.a", "recipient c__acme", "all", "share partners, partners.yaml:7", TODAY),
        ("gold.b", "recipient c__acme", "day 2026%, region EU", "share partners, partners.yaml:7", TODAY),
    ]
