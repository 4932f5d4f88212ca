"""Bodies that a decoder gives up because of one row, made readable: each of its rows counts."""

from __future__ import annotations

import re

import xxhash

_DEEPEST = 200  # levels; decoders end at about a thousand
_CLOSERS = {ord("["): ord("]"), ord("{"): ord("}")}
_STRING_OR_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[\[\]{}]+', re.DOTALL)
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD]([89a-fA-F])(..)|\\.", re.DOTALL)


def readable(content: bytes) -> bytes:
    """The same JSON with other characters for lone surrogates, and a digest as text for what is nested too deep.

    Two bodies that differ still do; what is no JSON stays none.
    """
    return _shallow(_ESCAPE.sub(_character, content))


def _character(match: re.Match[bytes]) -> bytes:
    """An escape as it is; for half of a pair one of as many characters that nobody uses, U+E000 to U+E7FF."""
    half, rest = match.groups()
    return match[0] if half is None else b"\\ue%x%b" % (int(half, 16) - 8, rest)


def _shallow(content: bytes) -> bytes:
    parts: list[bytes] = []
    closers = bytearray()
    begin = end = 0
    for match in _STRING_OR_BRACKETS.finditer(content):
        if match[0].startswith(b'"'):
            continue
        for at, bracket in enumerate(match[0], match.start()):
            if bracket in _CLOSERS:
                closers.append(_CLOSERS[bracket])
                if len(closers) == _DEEPEST:
                    begin = at
            elif not closers or closers.pop() != bracket:
                return content
            elif len(closers) == _DEEPEST - 1:
                digest = xxhash.xxh3_128_hexdigest(content[begin : at + 1])
                parts += [content[end:begin], b'"%b"' % digest.encode()]
                end = at + 1
    return b"".join([*parts, content[end:]])
