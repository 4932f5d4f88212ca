"""The page "Add a table", word for word: what it has the reader write is a dataset, from the database to gold."""

from __future__ import annotations

import re
import shutil
import textwrap
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anthill import catalog
from anthill.lakehouse import statements
from tests.plugins.anthill.lakehouse.database import Reading
from tests.plugins.anthill.lakehouse.lake import Lake

if TYPE_CHECKING:
    from local.totesys.server import Server

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/how-to/add-a-table.md").read_text()


def blocks(language: str) -> list[str]:
    """The page's blocks of a language, as they stand there."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", PAGE, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text) for _, text in found]


def test_the_page_makes_a_dataset(
    totesys: Server, s3: Any, bucket: str, sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files, in the places that it names, take a table to gold and know what was deleted; its DAG is a cut's."""
    include = tmp_path / "include"
    shutil.copytree(ROOT / "include", include)
    made, silver, gold = blocks("sql")
    (declaration,), (dag_file,) = blocks("yaml"), blocks("python")
    files = dict(zip(re.findall(r"`include/(\S+?)`", PAGE), (declaration, silver, gold), strict=True))
    assert list(files) == ["datasets/shop.yaml", "sql/silver/shop/article.sql", "sql/gold/shop/articles.sql"]
    for name, text in files.items():
        (include / name).parent.mkdir(exist_ok=True)
        (include / name).write_text(text)
    for module in (catalog, statements):
        monkeypatch.setattr(module, "include_dir", lambda: include)
    there: dict[str, Any] = {"__doc__": "What a shop sells"}
    exec(compile(dag_file, "dags/shop.py", "exec"), there)
    dag = there["dag"]
    assert (dag.dag_id, sorted(dag.task_ids)) == (
        "shop",
        ["complete", "gold", "grants", "land", "quality", "silver"],
    )
    totesys.alter("DROP TABLE IF EXISTS article; " + made)
    totesys.alter("INSERT INTO article VALUES (1, 'nail', 0.07, now()), (2, 'screw', NULL, now())")
    lake = Lake(sail, tmp_path / "lake", asset_class="shop")
    shop = Reading(totesys, s3, bucket, lake, asset_class="shop")
    try:
        assert shop.cut()
        totesys.alter("DELETE FROM article WHERE article_id = 1; UPDATE article SET price = 0.11")
        assert shop.cut()
        shop.load()
        assert shop.publish()["warnings"] == []
        (asked,) = (re.search(r'Q="(.*)"', text) for text in blocks("console"))
        assert asked
        query = re.sub(r"\bgold\.", "dev.gold.", asked[1])
        assert [tuple(row) for row in lake.spark.sql(query).collect()] == [("screw", Decimal("0.11"))]
        ended = [row for row in shop.table("silver.shop_article", "article_id", "seen_until") if row[1]]
        assert [row[0] for row in ended] == [1, 2]
    finally:
        lake.close()
        totesys.alter("DROP TABLE article")
