"""What PostgreSQL and its client say, as the errors that every source has."""

from __future__ import annotations

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

_LOGIN = "Put the right user and password into the connection."
_CERTIFICATE = "Put the server's root certificate into the connection's extra (sslrootcert): it is checked on purpose."
_RIGHTS = "GRANT SELECT on it to the connection's user."
_RELATION = "Name the table in include/datasets as the database does, or take it out."
_LATER = "Nothing was committed. The task's next retry reads all tables again."
# SQLSTATE, or its class, of an error that came over a connection that stood.
_STATES: dict[str, tuple[type[SourceError], str]] = {
    "28": (UnknownKeyError, _LOGIN),
    "3D": (NotFoundError, "Put the database's name into the connection's schema."),
    "42501": (NotEntitledError, _RIGHTS),
    "42P01": (NotFoundError, _RELATION),
    "42": (FatalError, "Compare the declaration in include/datasets with the table."),
    "40": (PassingError, _LATER),  # a replica that could wait no longer, too
    "55": (PassingError, "Somebody changes the table at this moment. The task's next retry reads all tables again."),
    "57014": (PassingError, "It took longer than the server allows (statement_timeout). " + _LATER),
    "57": (ConnectionFailedError, _LATER),
    "08": (ConnectionFailedError, _LATER),
}
# What libpq says of a connection that did not come about: it has no SQLSTATE.
_WORDS: tuple[tuple[str, type[SourceError], str], ...] = (
    ("password authentication failed", UnknownKeyError, _LOGIN),
    ("no password supplied", UnknownKeyError, _LOGIN),
    ("no pg_hba.conf entry", UnknownKeyError, _LOGIN),
    ("role ", UnknownKeyError, _LOGIN),
    ("certificate", FatalError, _CERTIFICATE),
    ("server does not support SSL", FatalError, "Turn TLS on at the server: the connection asks for it (sslmode)."),
    ("database ", NotFoundError, "Put the database's name into the connection's schema."),
)


def of(error: psycopg2.Error, where: str) -> SourceError:
    """The error of the house for one of the client's; `where` names server, database and table."""
    said = " ".join(str(error).split()) or type(error).__name__
    if state := error.pgcode:
        kind, advice = _STATES.get(state) or _STATES.get(state[:2]) or (ServerFailedError, _LATER)
        return kind(f"PostgreSQL says {state}: {said}", where, advice)
    for word, kind, advice in _WORDS:
        if word in said:
            return kind(f"the connection was refused: {said}", where, advice)
    return ConnectionFailedError(f"no connection: {said}", where)
