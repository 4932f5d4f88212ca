"""include/buckets.yaml: what is wrong in it has its line, and who is declared reads that and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from anthill.catalog import DeclarationError
from anthill.governance.iam import declared
from anthill.governance.iam.reach import Reach

GOOD = """\
buckets: ["{names}-gold"]
readers:
  - who: role/*/{names}-crawler
    reads:
      "{names}-gold": [stocks/*]
    why: it reads
"""
WRONG = {
    "1: the keys are": ("buckets:", "bucket:"),
    "1: buckets is a list": ('["{names}-gold"]', "gold"),
    "3: who is '*'": ("role/*/{names}-crawler", '"*"'),
    "3: a reader has the keys": ("    why: it reads\n", ""),
    "6: why says": ("it reads", '""'),
    "4: reads has a list": ("[stocks/*]", "stocks/*"),
    "5: {names}-silver is none of the buckets": ('    "{names}-gold":', '    "{names}-silver":'),
    "6: stands in line 3 already": ("why:", "who:"),
    "7: not YAML": ("it reads\n", "it reads\n ]"),
}


@pytest.mark.parametrize("told", WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, told: str) -> None:
    """One fault a file."""
    path = tmp_path / "buckets.yaml"
    path.write_text(GOOD.replace(*WRONG[told]))
    with pytest.raises(DeclarationError) as error:
        declared.load("lake", path)
    assert str(error.value).startswith(f"{path}:{told}")


@pytest.mark.parametrize(
    ("who", "bucket", "keys", "is_declared"),
    [
        ("role/team/lake-crawler", "lake-gold", "stocks/*", True),
        ("role/team/lake-crawler", "lake-gold", "stocks/prices/*", True),
        ("role/team/lake-crawler", "lake-gold", "*", False),
        ("role/team/lake-crawler", "lake-gold", "s*", False),
        ("role/team/lake-crawler", "lake-silver", "stocks/*", False),
        ("role/team/lake-crawler-2", "lake-gold", "stocks/*", False),
        ("*", "lake-gold", "stocks/*", False),
    ],
)
def test_who_is_declared_reads_that(tmp_path: Path, who: str, bucket: str, keys: str, is_declared: bool) -> None:
    """More keys, another bucket and another name are somebody else's."""
    path = tmp_path / "buckets.yaml"
    path.write_text(GOOD)
    found = Reach(who, bucket, keys, "a policy")
    assert declared.load("lake", path).undeclared([found]) == ([] if is_declared else [found])
