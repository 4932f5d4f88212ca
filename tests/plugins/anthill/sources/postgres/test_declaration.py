"""What is wrong about a table of a database is told by its key."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill import catalog
from anthill.sources.postgres.declaration import PostgresDataset

STAFF = catalog.load("totesys").datasets["staff"]


def test_what_fits_has_no_problem() -> None:
    """Columns have the names that the database gives them; it is read in the order of its key."""
    assert isinstance(STAFF, PostgresDataset)
    assert list(STAFF.problems({}, {})) == []
    assert (STAFF.qualified, STAFF.endpoint) == (("public", "staff"), "public.staff")
    assert STAFF.columns == tuple(STAFF.types)
    assert dict(STAFF.asked()) == {"table": "`public.staff`, in the order of `staff_id`"}
    assert msgspec.structs.replace(STAFF, relation="sales.people").qualified == ("sales", "people")
    assert msgspec.structs.replace(STAFF, fields={}).placed({}, {}).fields == {name: name for name in STAFF.types}


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"types": {}}, ".types", "name the columns with their types"),
        ({"fields": {"staff_id": "id"}}, ".fields", "is given by 'types'"),
        ({"relation": "people"}, ".relation", "is 'people', allowed is schema.table"),
        ({"every": dt.timedelta(minutes=5)}, ".every", "a table is read with its cut"),
        ({"present_only": False}, ".present_only", "a database says what it holds now"),
    ],
)
def test_a_problem_has_its_key(change: dict[str, Any], key: str, said: str) -> None:
    """And says what may stand there, or why nothing may."""
    ((found, why),) = msgspec.structs.replace(STAFF, **change).problems({}, {})
    assert found == key
    assert said in why


def test_a_cut_reads_all_its_tables_one_way() -> None:
    """Whole tables and changes of others would not be of one moment."""
    above = {"department": catalog.load("totesys").datasets["department"]}
    ((found, why),) = msgspec.structs.replace(STAFF, mode="changes").problems({}, above)
    assert (found, why.split(":")[0]) == (".mode", "is changes, that of department is another")
