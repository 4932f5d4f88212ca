"""What PostgreSQL and its client say, as the errors that every source has."""

from __future__ import annotations

from typing import NamedTuple

import psycopg2

from anthill.sources.errors import (
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotFoundError,
    PassingError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)


class Advice(NamedTuple):
    """What to do, by who asks: a source is read, a warehouse is written."""

    rights: str
    relation: str
    statement: str  # that the server cannot do as it is
    held: str  # by somebody else at this moment
    later: str


SOURCE = Advice(
    rights="GRANT SELECT on it to the connection's user; mode changes wants its role to have REPLICATION, too.",
    relation="Name the table in include/datasets as the database does, or take it out.",
    statement="Compare the declaration in include/datasets with the table.",
    held="Somebody changes the table at this moment. The task's next retry reads all tables again.",
    later="Nothing was committed. The task's next retry reads all tables again.",
)
_LOGIN = "Put the right user and password into the connection."
_CERTIFICATE = "Put the server's root certificate into the connection's extra (sslrootcert): it is checked on purpose."
_DATABASE = "Put the database's name into the connection's schema."
_LOGICAL = (
    "Set wal_level = logical at the server (RDS: rds.logical_replication = 1) and restart it, or declare mode snapshot."
)
_SLOTS = "Raise max_replication_slots and max_wal_senders at the server, or drop a slot that nobody reads."
_READ = "Another run reads the slot at this moment. {later}"
_SLOW = "It took longer than the server allows (statement_timeout). {later}"
# SQLSTATE, or its class, of an error that came over a connection that stood; words in braces are those of the advice.
_STATES: dict[str, tuple[type[SourceError], str]] = {
    "28": (UnknownKeyError, _LOGIN),
    "3D": (NotFoundError, _DATABASE),
    "42501": (NotEntitledError, "{rights}"),
    "42P01": (NotFoundError, "{relation}"),
    "42": (FatalError, "{statement}"),
    "55000": (FatalError, _LOGICAL),
    "55006": (PassingError, _READ),
    "53400": (FatalError, _SLOTS),
    "40": (PassingError, "{later}"),  # a replica that could wait no longer, too
    "55": (PassingError, "{held}"),
    "57014": (PassingError, _SLOW),
    "57": (ConnectionFailedError, "{later}"),
    "08": (ConnectionFailedError, "{later}"),
}
# What libpq says of a connection that did not come about: it has no SQLSTATE.
_WORDS: tuple[tuple[str, type[SourceError], str], ...] = (
    ("password authentication failed", UnknownKeyError, _LOGIN),
    ("no password supplied", UnknownKeyError, _LOGIN),
    ("no pg_hba.conf entry", UnknownKeyError, _LOGIN),
    ("permission denied to start WAL sender", NotEntitledError, SOURCE.rights),
    ("role ", UnknownKeyError, _LOGIN),
    ("certificate", FatalError, _CERTIFICATE),
    ("server does not support SSL", FatalError, "Turn TLS on at the server: the connection asks for it (sslmode)."),
    ("database ", NotFoundError, _DATABASE),
)


def of(error: psycopg2.Error, where: str, advice: Advice = SOURCE) -> SourceError:
    """The error of the house for one of the client's; `where` names server, database and table."""
    said = " ".join(str(error).split()) or type(error).__name__
    if state := error.pgcode:
        kind, do = _STATES.get(state) or _STATES.get(state[:2]) or (ServerFailedError, "{later}")
        return kind(f"PostgreSQL says {state}: {said}", where, do.format(**advice._asdict()))
    for word, kind, do in _WORDS:
        if word in said:
            return kind(f"the connection was refused: {said}", where, do)
    return ConnectionFailedError(f"no connection: {said}", where)
