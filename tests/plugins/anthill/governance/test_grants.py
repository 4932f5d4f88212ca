"""Declared grants: what is read, what is refused, and what the difference is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from anthill.catalog import DeclarationError
from anthill.governance.grants import areas, load

GOOD = {"type": "table", "name": "{catalog}.gold.t", "grants": {"analysts": ["SELECT"]}}


def _write(folder: Path, *entries: object, area: str = "stocks") -> None:
    (folder / "shared.yaml").write_text("securables: []")
    (folder / f"{area}.yaml").write_text(yaml.safe_dump({"securables": list(entries)}))


INVALID = {
    "type": ({**GOOD, "type": "tabel"}, "securables[0].type is 'tabel'; allowed: catalog, schema, table"),
    "name": ({**GOOD, "name": "gold.t"}, "a table is named like {catalog}.schema.table"),
    "placeholder": ({**GOOD, "name": "{catlog}.gold.t"}, "'{catlog}.gold.t'"),
    "privilege": ({**GOOD, "grants": {"analysts": ["USE_SCHEMA"]}}, "grants.analysts has 'USE_SCHEMA'; a table allows"),
    "text": ({**GOOD, "grants": {"analysts": "SELECT"}}, "must be a list of privileges, not 'SELECT'"),
    "nobody": ({**GOOD, "grants": {}}, "securables[0].grants must name principals"),
    "others": ({**GOOD, "others": "drop"}, "others is 'drop'; allowed: keep, revoke"),
    "key": ({**GOOD, "principal": "x"}, "has the keys type, name, grants, others and of"),
    "missing": ({"type": "table", "name": "{catalog}.a.b"}, "has the keys type, name, grants, others and of"),
}


@pytest.mark.parametrize("case", INVALID)
def test_wrong_declaration_is_named(tmp_path: Path, case: str) -> None:
    """A wrong entry is refused with its file, its key and what is allowed."""
    entry, message = INVALID[case]
    _write(tmp_path, entry)
    with pytest.raises(DeclarationError) as error:
        load(["stocks"], "dev", tmp_path)
    assert str(tmp_path / "stocks.yaml") in str(error.value)
    assert message in str(error.value)


def test_file_that_is_missing_or_no_yaml(tmp_path: Path) -> None:
    """An area that is no asset class names those that are; the file of all must be there, and be YAML."""
    with pytest.raises(DeclarationError, match=r"shared\.yaml does not exist"):
        load(["stocks"], "dev", tmp_path)
    _write(tmp_path, GOOD)
    with pytest.raises(DeclarationError, match=r"stonks\.yaml: no such asset class; declared are crypto"):
        load(["stonks"], "dev", tmp_path)
    (tmp_path / "stocks.yaml").write_text("securables: [")
    with pytest.raises(DeclarationError, match=r"stocks\.yaml:2: not YAML"):
        load(["stocks"], "dev", tmp_path)
    (tmp_path / "stocks.yaml").write_text("")
    with pytest.raises(DeclarationError, match="the keys are 'tables'"):
        load(["stocks"], "dev", tmp_path)


def test_securable_is_declared_once(tmp_path: Path) -> None:
    """The same securable in two files would be two truths."""
    _write(tmp_path, GOOD)
    _write(tmp_path, GOOD, area="options")
    with pytest.raises(DeclarationError, match=r"declared in .*stocks\.yaml too"):
        load(["stocks", "options"], "dev", tmp_path)


def test_parents_come_first(tmp_path: Path) -> None:
    """A catalog's grants are applied before its schemas' and tables'."""
    schema = {"type": "schema", "name": "{catalog}.gold", "grants": {"analysts": ["USE_SCHEMA"]}}
    _write(tmp_path, GOOD, schema, {"type": "catalog", "name": "{catalog}", "grants": {"analysts": ["USE_CATALOG"]}})
    assert [s.name for s in load(["stocks"], "prod", tmp_path)] == ["prod", "prod.gold", "prod.gold.t"]


def test_a_key_that_stands_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    """YAML would take the later of two and nobody would see that the first reader is gone."""
    _write(tmp_path)
    text = "tables:\n  gold:\n    analysts: [SELECT]\n    interns: [SELECT]\n    analysts: [MODIFY]\n"
    (tmp_path / "stocks.yaml").write_text(text)
    with pytest.raises(DeclarationError) as error:
        load(["stocks"], "dev", tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/stocks.yaml:5: tables.gold.analysts stands in line 3 already")


def test_a_wrong_privilege_is_told_with_its_line(tmp_path: Path) -> None:
    """The line of the principal to whom it is given."""
    _write(tmp_path)
    entry = "  - type: table\n    name: c.gold.t\n    grants:\n      a: [SELECT]\n      b: [USE_SCHEMA]\n"
    (tmp_path / "stocks.yaml").write_text(f"securables:\n{entry}")
    with pytest.raises(DeclarationError, match=r"stocks\.yaml:6: securables\[0\]\.grants\.b has 'USE_SCHEMA'"):
        load(["stocks"], "dev", tmp_path)


def test_users_are_told_apart_without_case_and_groups_with_it(tmp_path: Path) -> None:
    """Unity Catalog answers with addresses in lower case; the same user twice is two truths, two groups are not."""
    _write(tmp_path, {**GOOD, "grants": {"Anna@X.com": ["SELECT"], "Quants": ["SELECT"], "quants": ["MODIFY"]}})
    (declared,) = [each for each in load(["stocks"], "dev", tmp_path) if each.name == "dev.gold.t"]
    assert set(declared.grants) == {"anna@x.com", "Quants", "quants"}
    _write(tmp_path, {**GOOD, "grants": {"Anna@X.com": ["SELECT"], "anna@x.com": ["SELECT"]}})
    with pytest.raises(DeclarationError, match=r"stocks\.yaml:\d+: .*anna@x.com once more"):
        load(["stocks"], "dev", tmp_path)


@pytest.mark.parametrize("area", areas())
def test_committed_declarations(area: str) -> None:
    """Every committed file is right, alone and together with what all share."""
    declared = load(["shared", area], "dev")
    assert {s.name.partition(".")[0] for s in declared} == {"dev"}
