"""Frames of a stream as messages: each that was counted when it was recorded, whatever the frame is like."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from anthill.lakehouse import page_rows

_EVENT = re.compile(rb'"ev"\s*:\s*"([A-Za-z0-9]+)"')  # what a recorder counts: the two must agree
_STATUS = b"status"
_BETWEEN = b" ,]\r\n\t"
_LONGEST = 10_000  # characters of a message that is set aside
_list = msgspec.json.Decoder(list[msgspec.Raw])
_message = msgspec.json.Decoder(dict[str, Any])

Message = tuple[dict[str, Any], str, str | None]  # its fields, its text, and why it cannot be taken


def members(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The gzip members of an object: the second that each was written in, and what it holds."""
    while data:
        packed = zlib.decompressobj(31)
        text = packed.decompress(data)
        yield int.from_bytes(data[4:8], "little"), text
        data = packed.unused_data


def messages(frame: bytes, channels: Collection[str]) -> Iterator[Message]:
    """The messages of a frame but for those about its connection; of half a frame, those that are whole."""
    events = list(_EVENT.finditer(frame))
    try:
        found = [bytes(each) for each in _list.decode(frame)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = []
    if len(found) != len(events):
        found = list(_pieces(frame, [each.start() for each in events]))
    for text, event in zip(found, events, strict=True):
        if event[1] != _STATUS:
            yield _read(text, event[1].decode(), channels)


def _pieces(frame: bytes, begins: list[int]) -> Iterator[bytes]:
    """A frame cut before each message, where no decoder finds them."""
    starts = []
    for at, event in enumerate(begins):
        brace = frame.rfind(b"{", begins[at - 1] if at else 0, event)
        starts.append(event if brace < 0 else brace)
    for start, end in zip(starts, [*starts[1:], len(frame)], strict=True):
        yield frame[start:end].rstrip(_BETWEEN)


def _read(text: bytes, event: str, channels: Collection[str]) -> Message:
    shown = text[:_LONGEST].decode("utf-8", "replace")
    if wrong := page_rows.fault(text):
        return {}, shown, wrong
    if event not in channels:
        return {}, shown, f"a message of {event}, none of {', '.join(channels)}"
    return _message.decode(text), shown, None
