"""Versions of a star: numbers without gaps, objects by their content, nothing read that is not as it was put."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest

from anthill.bronze.commits import TamperedError
from anthill.warehouses.versions import Part, Versions


@pytest.fixture
def versions(s3: Any, bucket: str) -> Versions:
    """Those of one asset class, none yet."""
    return Versions(s3, bucket, "shop")


def rows(*numbers: int) -> pa.Table:
    """Some rows."""
    return pa.table({"id": pa.array(numbers, pa.int32())})


def keys(s3: Any, bucket: str) -> list[str]:
    """All objects."""
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_version_is_what_was_put(versions: Versions, s3: Any, bucket: str) -> None:
    """In a prefix of its own; the next one shares the table that has not changed."""
    assert versions.newest() is None
    first, new = versions.add("one", {"a": versions.keep("a", rows(1, 2)), "b": versions.keep("b", rows(3))})
    assert (first.number, new, versions.newest()) == (1, True, first)
    assert versions.rows(first.tables["a"]) == rows(1, 2)
    second, _ = versions.add("two", {"a": versions.keep("a", rows(1, 2)), "b": versions.keep("b", rows(4))})
    assert (second.number, second.run, second.tables["a"]) == (2, "two", first.tables["a"])
    assert list(second.tables) == ["a", "b"]
    assert versions.uri(2) == f"s3://{bucket}/warehouse/shop/_versions/000000002.json"
    assert len(keys(s3, bucket)) == 5


def test_the_same_rows_are_the_same_version(versions: Versions, s3: Any, bucket: str) -> None:
    """Nothing changed is nothing written."""
    first, _ = versions.add("one", {"a": versions.keep("a", rows(1))})
    before = keys(s3, bucket)
    assert versions.add("two", {"a": versions.keep("a", rows(1))}) == (first, False)
    assert keys(s3, bucket) == before


def test_what_no_list_names_is_nobodys(versions: Versions) -> None:
    """A writer that died before its list."""
    versions.keep("a", rows(1))
    assert versions.newest() is None


def test_two_writers_get_two_numbers(versions: Versions) -> None:
    """Whoever is second takes the next one."""
    parts = [versions.keep("a", rows(number)) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda part: versions.add("run", {"a": part})[0], parts))
    assert sorted(each.number for each in found) == list(range(1, 7))
    assert all(versions.read(each.number) == each for each in found)


def test_rows_that_are_not_those_that_were_put_are_refused(versions: Versions, s3: Any, bucket: str) -> None:
    """Other bytes, another count, an object that is gone, a list that is none."""
    part = versions.keep("a", rows(1))
    with pytest.raises(TamperedError, match="has 1 rows, its version says 2"):
        versions.rows(Part(part.key, part.sha256, 2))
    s3.put_object(Bucket=bucket, Key=part.key, Body=b"PAR1")
    with pytest.raises(TamperedError, match="sha256"):
        versions.rows(part)
    s3.delete_object(Bucket=bucket, Key=part.key)
    with pytest.raises(TamperedError, match="is gone"):
        versions.rows(part)
    s3.put_object(Bucket=bucket, Key="warehouse/shop/_versions/000000001.json", Body=b"{}")
    with pytest.raises(TamperedError, match="no list of tables"):
        versions.newest()
