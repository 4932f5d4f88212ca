"""A person leaves a database's bronze, silver and gold, and nothing else changes; the next cut goes on from there."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.bronze.cuts import Cuts
from anthill.erasure import asked as form
from anthill.erasure import plan as plans
from anthill.erasure.bronze import Eraser
from anthill.lakehouse import erasure
from anthill.landing.returned import returned
from tests.plugins.anthill.lakehouse.database import TOTESYS, Scene
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.test_totesys import DIMENSIONS, ORDERS

if TYPE_CHECKING:
    from local.totesys.server import Server

HIS = {"staff_id": 2, "sales_staff_id": 2}
TABLES = [
    *(f"silver.totesys_{name}" for name in TOTESYS.datasets),
    *(f"gold.totesys_{name}" for name in TOTESYS.gold),
    "quality.quarantine",
]
ORIGIN = ["revision", "source_uri"]  # a row that is read again comes from the object that stands for its own


@pytest.fixture
def scene(totesys: Server, s3: Any, bucket: str, sail: str, tmp_path: Path) -> Iterator[Scene]:
    """One of its own."""
    lake = Lake(sail, tmp_path, asset_class="totesys")
    scene = Scene(totesys, s3, bucket, lake)
    yield scene
    scene.business.close()
    lake.close()


def of_people(scene: Scene) -> dict[str, bytes]:
    """What lies in bronze of staff, inflated."""
    listed = scene.s3.list_objects_v2(Bucket=scene.bucket, Prefix="postgres/totesys/staff/")["Contents"]
    return {
        each["Key"]: gzip.decompress(scene.s3.get_object(Bucket=scene.bucket, Key=each["Key"])["Body"].read())
        for each in listed
    }


def erase(scene: Scene, value: str) -> plans.Plan:
    """Whoever has, or had, this e-mail address, out of bronze and out of the tables, by the product's own way."""
    cuts = Cuts(scene.s3, scene.bucket, TOTESYS)
    digests = [hashlib.sha256(value.encode()).hexdigest()]
    wanted = form.read({"dataset": "totesys.staff", "column": "email_address", "digests": digests})
    plan = plans.make(scene.s3, scene.bucket, wanted, cuts)
    Eraser(scene.s3, plan, "erasure", Cuts(scene.s3, scene.bucket, TOTESYS)).erase()
    file = scene.lake.root / "plan.json"
    file.write_bytes(plan.body())
    erasure.run(scene.lake.spark, "dev", "totesys", str(file))
    return plan


def frames(scene: Scene) -> dict[str, pl.DataFrame]:
    """Every table, sorted."""
    return {name: (frame := scene.lake.table(name)).sort(frame.columns) for name in TABLES}


def without_him(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows that are nobody's, and others'; in silver orders stay, for they are of the trade."""
    own = [column for column in HIS if column in frame.columns] if "_staff" in name or "fact" in name else []
    return frame.filter(*(pl.col(column) != HIS[column] for column in own))


def test_a_person_is_gone_and_nobody_else(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an address that he had once: every version of his row, what he sold in gold, and no other row of any table."""
    (address,) = (row[0] for row in scene.rows("SELECT email_address FROM staff WHERE staff_id = 2"))
    scene.business.work(30)
    scene.cut()
    scene.server.alter(
        "UPDATE staff SET email_address = 'later\t@example.org', first_name = 'La\\ter' WHERE staff_id = 2"
    )
    scene.business.work(20)
    scene.cut()
    scene.load()
    scene.publish()
    before, bronze = frames(scene), of_people(scene)
    assert len(before["silver.totesys_staff"].filter(staff_id=2)) == 2
    assert len(before["gold.totesys_fact_sales_order"].filter(sales_staff_id=2)) > 0

    plan = erase(scene, address)
    assert plan.keys == (hashlib.sha256(b"2").hexdigest(),)
    assert address not in plan.body().decode() + plan.markdown()
    assert len(plan.objects) == len(bronze)
    left = of_people(scene)
    assert not any(b"\n2\t" in b"\n" + body for body in left.values())
    kept = [[line for line in body.splitlines() if not line.startswith(b"2\t")] for body in bronze.values()]
    assert [body.splitlines() for body in left.values()] == kept
    for name, frame in frames(scene).items():
        assert_frame_equal(frame, without_him(before[name], name), check_row_order=False)
    files = (pl.read_parquet(file).write_json() for file in (scene.lake.root / "dev").rglob("*.parquet"))
    assert not any(address in text or "later" in text for text in files)

    # He is in the database still: that is told, and another erasure takes him again.
    scene.business.hire()
    scene.cut()
    cuts = Cuts(scene.s3, scene.bucket, TOTESYS)
    (told,) = returned(scene.s3, cuts, scene.landed, ["staff"])
    assert "1 rows have a staff_id of somebody who was erased" in told
    erase(scene, "later\t@example.org")
    assert not any(b"\n2\t" in b"\n" + body for body in of_people(scene).values())
    scene.load()  # of a cut that names what is gone: what stands for it is read
    held = scene.lake.table("silver.totesys_staff").filter(pl.col("seen_until").is_null())
    assert sorted(held["staff_id"]) == [each for (each,) in scene.rows("SELECT staff_id FROM staff") if each != 2]

    # And once the database has erased him, it is as gold is: the cut that stands is the one without him.
    scene.business.settle()
    for table in ("sales_order", "purchase_order"):
        scene.server.alter(f"UPDATE {table} SET staff_id = 1 WHERE staff_id = 2")
    scene.server.alter("DELETE FROM staff WHERE staff_id = 2")
    scene.cut()
    newest = max(of_people(scene))
    assert scene.landed.tables["staff"].commit.key == newest
    assert "/r000002." in newest
    scene.load()
    assert scene.publish()["warnings"] == []
    fact = scene.lake.table("gold.totesys_fact_sales_order").filter(pl.col("seen_until").is_null())
    assert sorted(fact.select(fact.columns[1:15]).rows(), key=repr) == scene.rows(ORDERS)
    for name, query in DIMENSIONS.items():
        assert scene.table(f"gold.totesys_dim_{name}") == scene.rows(query), name
    assert json.loads((scene.lake.root / "manifest.json").read_text())
