"""The public key by which an SFTP server is known, as it is declared."""

from __future__ import annotations

import base64
import binascii

TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")


def parsed(text: str) -> tuple[str, bytes]:
    """Its type and its bytes; ValueError with what is wrong."""
    kind, _, encoded = text.partition(" ")
    if kind not in TYPES:
        raise ValueError(f"is of the type {kind!r}, allowed are {', '.join(TYPES)}, each with a space and its base64")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError(f"has no base64 behind its type: {error}") from error
    named = len(kind).to_bytes(4, "big") + kind.encode()
    if not key.startswith(named) or key == named:
        raise ValueError(f"holds no key of the type {kind}: copy the whole line that ssh-keyscan tells")
    return kind, key


def problem(text: str) -> str:
    """What is wrong about it, "" where nothing is."""
    try:
        parsed(text)
    except ValueError as error:
        return str(error)
    return ""
