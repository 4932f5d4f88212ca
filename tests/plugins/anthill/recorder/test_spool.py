"""What is on the disk is received once, and what a killed process left is whole up to its last second."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.bronze.commits import Place
from anthill.recorder.errors import RecorderError, SpoolFullError
from anthill.recorder.sealed import Sealed
from anthill.recorder.spool import KILLED, Head, Segment, Spool, members

BEGAN = dt.datetime(2026, 11, 27, 14, 30, tzinfo=dt.UTC)
PLACE = Place("polygon_stream", "stocks", "minute_stream", "2026-11-27", "T143000Z-0af3")
FRAME = b'[{"ev":"AM","sym":"A"},{"ev":"AM","sym":"B"}]'


def head() -> Head:
    """A segment's, that begins."""
    return Head(place=PLACE, connection="0af3", confirmed=("AM.*",), began=BEGAN)


def at(second: int) -> dt.datetime:
    """A moment after its beginning."""
    return BEGAN + dt.timedelta(seconds=second)


def filled(spool: Spool, writes: int) -> Segment:
    """A segment with so many writes of two frames, a second apart."""
    segment = spool.begin(head())
    for number in range(writes):
        segment.write([FRAME, FRAME], at(number))
    return segment


def test_frames_are_lines_as_they_came(spool: Spool) -> None:
    """Any reader of gzip reads them; a frame over several lines is one line."""
    segment = spool.begin(head())
    segment.write([FRAME, b'[{"ev":"T",\n"sym":"A"}]'], at(0))
    segment.write([b"half [{"], at(1))
    segment.end("rotation", at(2))
    ((told, path),) = spool.waiting()
    assert gzip.decompress(path.read_bytes()).splitlines() == [FRAME, b'[{"ev":"T", "sym":"A"}]', b"half [{"]
    assert (told.ended, told.over) == ("rotation", at(2))


def test_a_member_has_the_second_of_its_frames(spool: Spool) -> None:
    """In the header that gzip has for it."""
    segment = filled(spool, 3)
    segment.end("rotation", at(3))
    with spool.waiting()[0][1].open("rb") as file:
        assert [second for _, second, _ in members(file)] == [int(at(n).timestamp()) for n in range(3)]


@given(lost=st.integers(0, 200), writes=st.integers(0, 4))
def test_a_killed_process_loses_its_last_member_at_most(
    tmp_path_factory: pytest.TempPathFactory, lost: int, writes: int
) -> None:
    """However much of the file had reached the disk: whole members stay, and the segment says that it was killed."""
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder)
    filled(spool, writes)
    spool.close()
    (path,) = folder.glob("*.open")
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(whole) - lost, 0)])
    ends = [0]
    for _ in range(writes):
        ends.append(ends[-1] + len(whole) // writes)
    kept = sum(end <= len(whole) - lost for end in ends[1:])
    again = Spool(folder)
    ((told, left),) = again.waiting()
    sealed = Sealed(told, left)
    assert (sealed.pages, sealed.rows) == (2 * kept, 4 * kept)
    assert told.ended == KILLED
    assert again.held == left.stat().st_size == ends[kept]
    sealed.close()
    again.close()


def test_a_full_spool_takes_nothing_more(tmp_path: Path) -> None:
    """What is in it stays, and what to do is said; what S3 has taken makes room."""
    spool = Spool(tmp_path, most=200)
    segment = spool.begin(head())
    segment.write([FRAME], at(0))
    frames = [bytes(range(32, 127)) for _ in range(9)]
    with pytest.raises(SpoolFullError, match="--spool-mib"):
        segment.write([f"{number}{frame!r}".encode() for number, frame in enumerate(frames)] * 20, at(1))
    segment.end("full", at(9))
    ((_, path),) = spool.waiting()
    spool.forget(path)
    assert (spool.held, spool.waiting(), list(tmp_path.glob("*.json"))) == (0, [], [])
    spool.close()


def test_a_folder_has_one_recorder(spool: Spool) -> None:
    """A second one is told, and takes nothing from the first."""
    filled(spool, 1)
    with pytest.raises(RecorderError, match="another recorder's"):
        Spool(spool.folder)
    assert len(list(spool.folder.glob("*.open"))) == 1


def test_a_segment_is_counted_from_the_disk(spool: Spool) -> None:
    """Messages by channel, but for what the source says of itself; quotes inside of values are no channels."""
    segment = spool.begin(head())
    tricky = rb'[{"ev":"T","sym":"A","c":"\"ev\":\"Q\""},{"ev" : "AM"}]'
    segment.write([FRAME, tricky, b'[{"ev":"status","status":"success"}]', b"[]"], at(4))
    segment.end("closed with 1006", at(5))
    sealed = Sealed(*spool.waiting()[0])
    assert (sealed.pages, sealed.rows) == (4, 4)
    assert sealed.about["channels"] == "AM=3 T=1"
    assert sealed.about["ended"] == "closed with 1006"
    assert sealed.asof == at(5)
    sealed.close()
