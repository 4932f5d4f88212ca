"""An edition is whole or not there: all its tables of one version, and the object that names them put last."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.commits import read_commit
from anthill.bronze.editions import Edition, Editions
from anthill.bronze.storage import Patience, StorageError, StorageFatalError
from anthill.intervals import market_day
from anthill.landing import parts
from anthill.landing.commit import Committer
from anthill.landing.land_edition import EditionLanded, land_edition
from anthill.sources.errors import ReplacedError, SourceError
from anthill.sources.files.declaration import FilesDataset
from local.enem.server import Server
from tests.plugins.anthill.sources.files.published import Publisher, told, zipped

SCHOOL = catalog.parse(Path(__file__).with_name("school.yaml"))
DAY = dt.date(2019, 12, 31)
MARKS = "id;town\r\n1;Viçosa\r\n2;\r\n".encode("iso-8859-1")
LONG = b"id;town;birth\r\n1;A;2001\r\n"
PUPILS = b"id,name\n1,Ada\n"
SHORT = Patience(tries=3, first=0.01)


def school(marks: bytes = MARKS, pupils: bytes = PUPILS, **others: bytes) -> bytes:
    """The zip of 2019."""
    return zipped({"DADOS/marks.csv": marks, "DADOS/pupils.csv": pupils, "LEIA-ME.pdf": b"%PDF", **others})


class Look:
    """Somebody who looks at the publisher."""

    def __init__(self, publisher: Publisher, s3: Any, bucket: str) -> None:
        self.publisher, self.s3, self.bucket = publisher, s3, bucket
        self.editions = Editions(s3, bucket, SCHOOL, SHORT)

    def __call__(self, day: dt.date = DAY, run: str = "run") -> EditionLanded:
        """Look once."""
        datasets = {name: each for name, each in SCHOOL.datasets.items() if day in each.published}
        committer = Committer(self.s3, self.bucket, run, SHORT)
        interval = market_day("24/7", day)
        return land_edition(self.publisher.source(), lambda _: committer, self.editions, datasets, interval, run)

    def keys(self) -> list[str]:
        """All objects."""
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def rows(self, edition: Edition, table: str) -> bytes:
        """What bronze has of a table, read by Python's own gzip."""
        commit = edition.tables[table].commit
        assert read_commit(self.s3, self.bucket, commit.key) == commit
        return gzip.decompress(self.s3.get_object(Bucket=self.bucket, Key=commit.key)["Body"].read())


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    """The zip of 2019 on a server."""
    with Server(tmp_path) as server:
        publisher = Publisher(tmp_path, server)
        publisher.put(school())
        yield publisher


@pytest.fixture
def look(publisher: Publisher, s3: Any, bucket: str) -> Look:
    """Somebody who looks at it."""
    return Look(publisher, s3, bucket)


def test_an_edition_is_all_its_tables(look: Look) -> None:
    """Each member a commit with its own bytes; the object that names them knows the zip and what was not taken."""
    done = look()
    assert done.written
    folder = "files/school"
    assert sorted(look.keys()) == [
        f"{folder}/_editions/2019-12-31/r000001.json",
        f"{folder}/marks/date=2019-12-31/r000001.csv.gz",
        f"{folder}/pupils/date=2019-12-31/r000001.csv.gz",
    ]
    assert look.rows(done.edition, "marks") == MARKS
    assert look.rows(done.edition, "pupils") == PUPILS
    assert look.editions.newest("2019-12-31") == done.edition
    assert done.edition.others == ["LEIA-ME.pdf"]
    assert {name: table.commit.rows for name, table in done.edition.tables.items()} == {"marks": 2, "pupils": 1}
    (file,) = done.edition.files
    assert (file.url, file.size) == (f"{look.publisher.server.url}/microdados/marks.zip", len(school()))


def test_what_is_not_new_is_not_read(look: Look) -> None:
    """Two small requests and no object."""
    first, before = look(), look.keys()
    look.publisher.server.asked.clear()
    again = look()
    assert (again.written, again.edition) == (False, first.edition)
    assert {table.outcome for table in again.tables} == {"unchanged"}
    assert look.keys() == before
    assert [method for method, _, _ in look.publisher.server.asked] == ["HEAD", "GET"]


def test_the_same_url_with_another_header(look: Look) -> None:
    """A second edition: what the first had stays, and a table that is as it was keeps its commit."""
    first = look().edition
    look.publisher.put(school(LONG))
    second = look()
    assert second.written
    assert second.edition.revision == 2
    assert second.edition.tables["marks"].columns == ("id", "town", "birth")
    assert second.edition.tables["marks"].commit.key.endswith("/r000002.csv.gz")
    assert second.edition.tables["pupils"] == first.tables["pupils"]
    assert {table.dataset: table.outcome for table in second.tables} == {"marks": "restated", "pupils": "unchanged"}
    assert look.rows(first, "marks") == MARKS
    assert look.rows(second.edition, "marks") == LONG


def test_another_zip_with_the_same_members(look: Look) -> None:
    """Is known from its directory: no member is read again, and the next look is as cheap as before."""
    first = look().edition
    look.publisher.put(school(**{"more.pdf": b"%PDF"}))
    look.publisher.server.asked.clear()
    second = look()
    assert second.edition.tables == first.tables
    assert second.edition.others == ["LEIA-ME.pdf", "more.pdf"]
    assert len(look.publisher.server.asked) == 2
    assert not look().written


BAD = {
    "a third header": school(b"id;place\r\n1;A\r\n"),
    "a wrong CRC": told(school(), crc=1),
    "HTML": b"<html>",
    "a table that is gone": zipped({"DADOS/marks.csv": MARKS}),
    "another table's header": school(pupils=b"id;name\n"),
}


@pytest.mark.parametrize("what", BAD)
def test_one_bad_table_keeps_the_edition_out(look: Look, what: str) -> None:
    """Told with the table and its day; nothing is committed, and the next good file is the first edition."""
    look.publisher.put(BAD[what])
    with pytest.raises(SourceError, match=r"school\.(marks|pupils) on 2019-12-31: "):
        look()
    assert look.keys() == []
    look.publisher.put(school())
    assert look().edition.revision == 1


def test_a_file_that_is_replaced_meanwhile(look: Look) -> None:
    """All of it is read again: no edition has tables of two versions."""
    large = b"id,name\n" + b"".join(b"%d,%d\n" % (number, number**3) for number in range(60_000))
    look.publisher.put(school(MARKS, large))
    look.publisher.server.drops_after = 100_000
    new = school(LONG, large + b"x,y\n")
    look.publisher.server.before = lambda number: look.publisher.put(new) if number == 7 else None
    done = look().edition
    assert look.rows(done, "marks") == LONG
    assert look.rows(done, "pupils") == large + b"x,y\n"
    assert (done.revision, done.files[0].size) == (1, len(new))


def test_a_file_that_never_stays(look: Look) -> None:
    """Is given up after some tries; nothing is committed."""
    bodies = [school(b"id;town\r\n%d;A\r\n" % number) for number in range(40)]
    look.publisher.server.before = lambda number: look.publisher.put(bodies[number])
    with pytest.raises(ReplacedError, match="after 3 tries"):
        look()
    assert look.keys() == []


CALLS = ["put_object", *(f"{name}_multipart_upload" for name in ("create", "complete", "abort")), "upload_part"]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("step", range(7))
def test_killed_at_any_step(look: Look, monkeypatch: pytest.MonkeyPatch, step: int, *, applied: bool) -> None:
    """Before a call to S3 or right after it: no edition is named before its last call, and the next try ends alike."""
    monkeypatch.setattr(parts, "WHOLE", 30)
    calls = iter(range(1000))

    def killing(name: str) -> Any:
        call = getattr(look.s3, name)

        def asked(**how: Any) -> Any:
            number = next(calls)
            answer = call(**how) if number < step or (applied and number == step) else None
            if number >= step:
                raise KeyboardInterrupt
            return answer

        return asked

    with monkeypatch.context() as patched:
        for name in CALLS:
            patched.setattr(look.s3, name, killing(name))
        with pytest.raises(KeyboardInterrupt):
            look()
    assert (look.editions.newest("2019-12-31") is None) == ((step, applied) != (6, True))
    look(run="again")
    done = look.editions.newest("2019-12-31")
    assert done
    assert look.rows(done, "marks") == MARKS
    assert look.rows(done, "pupils") == PUPILS
    assert done.revision == 1
    assert {table.commit.revision for table in done.tables.values()} == {1}


def test_two_runs_at_once(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them makes the edition; the other's retry finds it."""
    put = look.editions.put

    def raced(edition: Edition) -> None:
        other = Look(look.publisher, look.s3, look.bucket)
        assert other(run="other").written
        put(edition)

    monkeypatch.setattr(look.editions, "put", raced)
    with pytest.raises(StorageError, match=r"r000001\.json was put by another run\. Retry the task"):
        look()
    monkeypatch.setattr(look.editions, "put", put)
    again = look()
    assert (again.written, again.edition.run) == (False, "other")


def test_an_older_file_in_the_place_of_a_newer_one(look: Look) -> None:
    """Is told and not taken: nobody here can say which of them counts."""
    look()
    look.publisher._moment -= 1_000_000
    look.publisher.put(school(LONG))
    with pytest.raises(StorageFatalError, match=r"school\.marks on 2019-12-31: bronze has rows of a later file"):
        look()
    assert look.editions.newest("2019-12-31").revision == 1  # type: ignore[union-attr]


def test_a_year_with_one_table(look: Look) -> None:
    """An edition has the tables that are declared for it."""
    look.publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    done = look(dt.date(2024, 12, 31)).edition
    assert list(done.tables) == ["marks"]
    assert done.tables["marks"].commit.key == "files/school/marks/date=2024-12-31/r000001.csv.gz"


def wrong(**changes: Any) -> list[str]:
    """What is wrong about marks with these keys."""
    marks = SCHOOL.datasets["marks"]
    assert isinstance(marks, FilesDataset)
    given: Mapping[str, Any] = {
        name: getattr(marks, name) for name in ("editions", "headers", "encoding", "delimiter", "fields")
    }
    known = {**given, "description": "x", "key": ("id",), **changes}
    return [f"{key} {problem}" for key, problem in FilesDataset(**known).problems({}, {})]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"editions": {}}, ".editions is empty"),
    ({"headers": {"short": ("id", "town")}}, "names long, allowed are those of 'headers': short"),
    ({"headers": {"short": ("id", "town"), "long": ("id", "born")}}, "has as many columns as 'short'"),
    ({"headers": {"short": ("id", "id"), "long": ("id", "town", "b")}}, ".headers.short must name each of its columns"),
    ({"fields": {"age": "age"}}, ".fields names age, which no header has"),
    ({"encoding": "UTF-16"}, ".encoding is 'UTF-16'"),
    ({"encoding": "latin-99"}, ".encoding is 'latin-99'"),
    ({"delimiter": ";;"}, ".delimiter is ';;'"),
    ({"certificate": "../x.pem"}, ".certificate is '../x.pem'"),
    ({"host_key": "ssh-dss AAAA"}, ".host_key is of the type 'ssh-dss', allowed are ssh-ed25519, ecdsa-sha2-nistp256"),
    ({"host_key": "ssh-ed25519 A!"}, ".host_key has no base64 behind its type"),
    ({"host_key": "ssh-ed25519 AAAAB3NzaC1yc2E="}, ".host_key holds no key of the type ssh-ed25519"),
    ({"every": dt.timedelta(hours=1)}, ".every has no meaning here"),
    ({"present_only": False}, ".present_only is false"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_declaration_that_is_wrong(changes: dict[str, Any], said: str) -> None:
    """Is told by its key, with what is allowed."""
    assert wrong() == []
    assert [problem for problem in wrong(**changes) if said in problem]


def test_a_misspelt_key_of_an_edition(tmp_path: Path) -> None:
    """Is told with its line, as everywhere."""
    text = Path(__file__).with_name("school.yaml").read_text()
    file = tmp_path / "school.yaml"
    file.write_text(text.replace("member: later/marks.csv", "membre: later/marks.csv"))
    with pytest.raises(catalog.DeclarationError, match=r"school\.yaml:22: .*editions.2024-12-31.membre' is unknown"):
        catalog.parse(file)
