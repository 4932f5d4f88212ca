"""Refuses a run what the principal that it runs as has no right to, before the engine sees it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql.connect.proto import catalog_pb2, commands_pb2, expressions_pb2, relations_pb2

from local.databricks.fence import Fence
from local.databricks.held import Held, Need, of_schema, of_table
from local.databricks.paths import Paths
from local.databricks.sql_needs import Touched, touched

_QUERY = re.compile(r"\b(SELECT|TABLE|FROM)\b|\bIDENTIFIER\b", re.IGNORECASE)
_OF_FILES = {"SELECT": "READ_FILES", "MODIFY": "WRITE_FILES", "MANAGE": "WRITE_FILES"}


class InsufficientPermissionsError(SparkConnectGrpcException):  # type: ignore[misc] # no types
    """What Spark raises on Databricks; its words are the service's."""

    def __init__(self, need: Need) -> None:
        super().__init__(f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\n{need} SQLSTATE: 42501")


class NameNotKnownError(SparkConnectGrpcException):  # type: ignore[misc] # no types
    """What cannot be looked at, and so is refused."""


class Guard(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc] # no types
    """Looks at every plan of a session; `known` are the tables and views that exist, as schema.table."""

    def __init__(
        self, held: Held, paths: Paths, fence: Fence, catalog: str, known: Collection[str], emit: Callable[..., None]
    ) -> None:
        self._held, self._paths, self._fence, self._emit = held, paths, fence, emit
        self._catalog, self._schema = catalog, ""
        self._known = {f"{catalog}.{name}".lower(): f"{catalog}.{name}" for name in known}
        self._own = catalog
        self._trusted = threading.local()

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Analysis of a plan."""
        self._look_at(request)
        return continuation(details, request)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Execution of a plan."""
        self._look_at(request)
        return continuation(details, request)

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """What the workspace itself asks the engine to do, such as to read a view for who may read it."""
        before = getattr(self._trusted, "now", False)
        self._trusted.now = True
        try:
            yield
        finally:
            self._trusted.now = before

    def _look_at(self, request: Any) -> None:
        if not getattr(self._trusted, "now", False):
            self._fence.request(request)
            for message in _messages(request):
                self._message(message)

    def _message(self, message: Any) -> None:
        if text := _sql_of(message):
            self.statement(text)
            return
        match message:
            case relations_pb2.Read.NamedTable() if full := self._resolved(message.unparsed_identifier):
                self._check(Touched(reads=[full]))
                self._fence.read(message, self._there(full))
            case relations_pb2.Read.DataSource():
                self._check(Touched(reads=[f"{message.format}.{path}" for path in _paths_of(message)]))
            case commands_pb2.WriteOperation() if message.path:
                self._check(Touched(writes=[f"{message.source}.{message.path}"]))
            case commands_pb2.WriteOperation() if message.HasField("table"):
                self._write(message.table.table_name)
            case commands_pb2.WriteOperationV2():
                self._write(message.table_name)
            case _ if (what := _touched_by(message)) is not None:
                self._check(what)

    def _write(self, name: str) -> None:
        self._check(Touched(writes=[name]) if self._exists(name) else Touched(makes=[name]))

    def statement(self, text: str) -> None:
        """Refuse a statement, or note what it makes, drops and uses."""
        what = touched(text)
        if what.calculates:
            raise NameNotKnownError("IDENTIFIER(…) is not served here: what it names is not known before it runs.")
        self._check(what)
        self._fence.statement(text, map(self._there, filter(None, map(self._resolved, [*what.reads, *what.words]))))

    def _check(self, what: Touched) -> None:
        if lacking := self._held.lacks(self._needs(what)):
            raise InsufficientPermissionsError(lacking)
        changed = [*what.writes, *what.makes, *what.drops, *([] if what.looks else what.words)]
        self._fence.changes(map(self._there, filter(None, map(self._resolved, changed))))
        for place in what.places:
            self._fence.path(place)
        for name in filter(None, map(self._resolved, what.makes)):
            if name.lower() not in self._known:
                self._known[name.lower()] = name
                self._held.own(name)
                if not what.is_view:  # of which its own event tells
                    self._emit("made", name=name)
        for name in filter(None, map(self._resolved, what.drops)):
            if self._known.pop(name.lower(), None):
                self._emit("dropped", name=name)
        if what.uses:
            self._catalog, self._schema = what.uses[0] or self._catalog, what.uses[1]

    def _needs(self, what: Touched) -> Iterator[Need]:
        for schema in what.lists:
            yield from of_schema(schema if "." in schema else f"{self._catalog}.{schema}")
        for name in what.reads:
            yield from self._of(name, "SELECT")
        for name in what.writes:
            yield from self._of(name, "MODIFY")
        for name in filter(self._exists, what.words):
            yield from self._of(name, "SELECT" if what.looks else "MODIFY")
        for name in filter(None, map(self._resolved, what.makes)):
            yield from self._made(name, what.replaces)
        for place in what.places:
            yield self._paths.need("CREATE_EXTERNAL_TABLE", place)
        for name in filter(None, map(self._resolved, what.drops)):
            yield from self._of(name, "MANAGE")
        if what.catalogs or what.schemas:
            yield Need("USE_CATALOG", "catalog", self._own)
        if what.schemas:
            yield Need("CREATE_SCHEMA", "catalog", self._own)

    def _made(self, name: str, replaces: bool) -> Iterator[Need]:
        schema = name.rpartition(".")[0]
        if not self._exists(name):
            yield from of_schema(schema, "CREATE_TABLE")
        else:
            yield from self._of(name, *(["MANAGE"] if replaces else []))

    def _exists(self, name: str) -> bool:
        full = self._resolved(name)
        return full is not None and full.lower() in self._known

    def _of(self, name: str, *privileges: str) -> list[Need]:
        """What it takes to do something with a table; what is not there is told by the engine, to who may look."""
        full = self._resolved(name)
        if full is None:
            if place := _path(name):
                self._fence.path(place)
            return [self._paths.need(_OF_FILES[each], _path(name)) for each in privileges] if _path(name) else []
        there = self._known.get(full.lower())
        return of_table(there, *privileges) if there else of_schema(full.rpartition(".")[0])

    def _there(self, full: str) -> str:
        """A table's name as it was made, whatever letters it is asked for by."""
        return self._known.get(full.lower(), full)

    def _resolved(self, name: str) -> str | None:
        """The full name of a table of the catalog; None for a temporary view, and for what is another catalog's."""
        if _path(name):
            return None
        parts = name.replace("`", "").split(".")
        if len(parts) == 1 and self._schema:
            full = f"{self._catalog}.{self._schema}.{parts[0]}"
            return full if full.lower() in self._known else None  # a temporary view has one name, too
        if len(parts) == 2:
            parts = [self._catalog, *parts]
        if len(parts) != 3 or parts[0].lower() != self._own or parts[1].lower() == "information_schema":
            return None
        return ".".join([self._own, parts[1].lower(), parts[2]])


def _path(name: str) -> str:
    """The path of a name such as delta.s3://bucket/folder, "" of a table's."""
    return name.partition(".")[2] if "/" in name else ""


def _sql_of(message: Any) -> str:
    """The statement that a message is, or stands for; "" where it is none."""
    match message:
        case relations_pb2.SQL():
            return str(message.query)
        case commands_pb2.SqlCommand():
            return str(message.sql)
        case catalog_pb2.SetCurrentDatabase():
            return f"USE SCHEMA {message.db_name}"
        case expressions_pb2.Expression.ExpressionString() if _QUERY.search(message.expression):
            return f"SELECT {message.expression}"  # an expression may have a query in it
    return ""


def _paths_of(read: Any) -> list[str]:
    return [*read.paths, *(value for name, value in read.options.items() if name.lower() == "path")]


def _touched_by(message: Any) -> Touched | None:
    """What a message touches that names a table or a schema itself."""
    match message:
        case relations_pb2.Read.NamedTable():
            return Touched(reads=[message.unparsed_identifier.replace("`", "")])
        case commands_pb2.MergeIntoTableCommand():
            return Touched(reads=[message.target_table_name], writes=[message.target_table_name])
        case catalog_pb2.ListTables() if message.db_name:
            return Touched(lists=[message.db_name])
        case catalog_pb2.GetTable() | catalog_pb2.ListColumns():
            return Touched(reads=[".".join(filter(None, (message.db_name, message.table_name)))])
        case catalog_pb2.CreateTable() | catalog_pb2.CreateExternalTable():
            return Touched(makes=[message.table_name])
    return None


def _messages(message: Any) -> Iterator[Any]:
    """A message and all those in it."""
    yield message
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        if descriptor.message_type.GetOptions().map_entry:
            inner = [each for each in value.values() if hasattr(each, "ListFields")]
        else:
            inner = value if descriptor.is_repeated else [value]
        for each in inner:
            yield from _messages(each)
