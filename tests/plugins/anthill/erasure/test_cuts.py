"""A person leaves a database's tables in bronze: cuts go on naming what is left, wherever the process is killed."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from anthill import catalog
from anthill.bronze.commits import read_commit
from anthill.bronze.copied import digest
from anthill.bronze.cuts import Cuts
from anthill.erasure import asked, plan
from anthill.erasure.bronze import Eraser
from anthill.erasure.plan import Plan
from anthill.names import ParameterError
from tests.plugins.anthill.erasure.test_bronze import Dying, _CutOffError
from tests.plugins.anthill.lakehouse.database import Scene

if TYPE_CHECKING:
    from local.totesys.server import Server

TOTESYS = catalog.load("totesys")
STAFF = "postgres/totesys/staff/"
FORM = {"dataset": "totesys.staff", "column": "staff_id", "digests": [digest("2")]}


class Bronze:
    """Two cuts of a database, between which a member of staff was renamed and another one hired."""

    def __init__(self, server: Server, s3: Any, bucket: str) -> None:
        scene = Scene(server, s3, bucket, None)  # type: ignore[arg-type] # nothing is loaded
        scene.cut()
        server.alter("UPDATE staff SET last_name = 'Gone' WHERE staff_id = 2")
        scene.business.hire()
        scene.cut()
        scene.business.close()
        self.scene, self.s3, self.bucket = scene, s3, bucket
        self.landed = {key: s3.get_object(Bucket=bucket, Key=key) for key in self.keys()}
        self.bodies = {key: found["Body"].read() for key, found in self.landed.items()}

    def keys(self, prefix: str = "postgres/") -> list[str]:
        """What lies there."""
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)["Contents"]]

    def again(self) -> None:
        """As it was landed."""
        for key in self.keys():
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        for key, body in self.bodies.items():
            given = {"Metadata": self.landed[key]["Metadata"], "ChecksumAlgorithm": "SHA256"}
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **given)

    def cuts(self) -> Cuts:
        """Its cuts, looked at anew."""
        return Cuts(self.s3, self.bucket, TOTESYS)

    def plan(self) -> Plan:
        """What an erasure takes."""
        return plan.make(self.s3, self.bucket, asked.read(FORM), self.cuts())

    def staff(self) -> list[list[bytes]]:
        """The lines of staff that each cut names; TamperedError where one names what is not as it was committed."""
        found = []
        for label in self.cuts().labels():
            named = self.cuts().read(label).tables["staff"].commit
            assert read_commit(self.s3, self.bucket, named.key).sha256 == named.sha256
            body = gzip.decompress(self.s3.get_object(Bucket=self.bucket, Key=named.key)["Body"].read())
            assert body.count(b"\n") == named.rows
            found.append(body.splitlines())
        return found


@pytest.fixture
def bronze(totesys: Server, s3: Any, bucket: str) -> Bronze:
    """One of its own."""
    totesys.reset()
    return Bronze(totesys, s3, bucket)


def test_cut_off_at_any_step_it_ends_the_same(bronze: Bronze) -> None:
    """Before and after each call that changes anything: every cut names whole objects, and the next try ends it."""
    before = bronze.staff()
    wanted = [[line for line in lines if not line.startswith(b"2\t")] for lines in before]
    assert [len(lines) for lines in wanted] == [2, 3]
    planned = bronze.plan()
    calls = 0
    for nth in range(1, 100):
        for after in (False, True):
            bronze.again()
            try:
                Eraser(Dying(bronze.s3, nth, after), planned, "run", bronze.cuts()).erase()
            except _CutOffError:
                calls = nth
            else:
                break
            assert all(lines in (old, new) for lines, old, new in zip(bronze.staff(), before, wanted, strict=True))
            Eraser(bronze.s3, planned, "again", bronze.cuts()).erase()
            assert bronze.staff() == wanted
            assert [key.rpartition("/")[2] for key in bronze.keys(STAFF)] == ["r000002.copy.gz"] * 2
        else:
            continue
        break
    assert calls == 4  # two objects are written anew, two are deleted


def test_two_people_one_after_the_other(bronze: Bronze) -> None:
    """What stands for a commit is erased from again: cuts name what stands for that."""
    Eraser(bronze.s3, bronze.plan(), "run", bronze.cuts()).erase()
    other = asked.read({**FORM, "digests": [digest("1")]})
    Eraser(bronze.s3, plan.make(bronze.s3, bronze.bucket, other, bronze.cuts()), "run", bronze.cuts()).erase()
    assert [[line.split(b"\t")[0] for line in lines] for lines in bronze.staff()] == [[b"3"], [b"3", b"4"]]
    assert {key.rpartition("/")[2] for key in bronze.keys(STAFF)} == {"r000003.copy.gz"}


def test_a_table_of_a_database_has_no_market_days(bronze: Bronze) -> None:
    """Refused, with what to do; and so is a table that nobody has declared to be about people."""
    with pytest.raises(ParameterError, match=r"totesys\.staff is a table of a database: people are erased from it by"):
        asked.read({"dataset": "totesys.staff", "market_date": "2026-06-01"})
    with pytest.raises(ParameterError, match=r"allowed are those that are personal: totesys\.staff"):
        asked.read({**FORM, "dataset": "totesys.design"})
