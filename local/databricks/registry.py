"""What Sail's catalog, which begins empty with each run, is told of: a table or view when a request first names it.

Telling it of all tables reads all their logs, which took longer than what a run was for.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import grpc

from local.databricks import views

_LISTS = re.compile(rb"show\s+(tables|views)|information_schema")  # what asks for names rather than by them


class Registry(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc] # no types
    """Statements that make tables and views known, each run before the first request with its name in it."""

    def __init__(
        self,
        catalog: str,
        tables: dict[str, str],
        views_made: Iterable[str],
        trusted: Callable[[], AbstractContextManager[None]] = nullcontext,
        seen: Callable[[str], bool] = lambda _: True,
        schemas: Mapping[str, str] | None = None,
        shown: Callable[[str], list[str]] = lambda _: [],
    ) -> None:
        """`tables` are schema.table → location, `views_made` the statements that made views.

        What is made known is asked for within `trusted`: a view is read with the rights of who made it. A list has
        those that are `seen`, by their full names; `schemas` are the statements of those that no list has, and `shown`
        tells those by which a table is known of which its reader sees a part.
        """
        self._schemas = dict(schemas or {})
        self._trusted, self._seen = trusted, lambda name: seen(f"{catalog}.{name}")
        self._shown = shown
        # Without columns the statement takes them from the table's own log.
        self._pending = {
            name: f"CREATE TABLE IF NOT EXISTS {catalog}.{name} USING delta LOCATION '{location}'"
            for name, location in tables.items()
        }
        self._pending |= {views.name(statement).partition(".")[2]: statement for statement in views_made}
        self._short = {name: name.rpartition(".")[2].lower().encode() for name in self._pending}
        self._lock = threading.RLock()
        self._table_under_way = False  # its name may be a view's, too, that stands on it
        self.sql: Callable[[str], Any] | None = None  # of the session, once there is one

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Analysis of a plan."""
        self._tell(request)
        return continuation(details, request)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Execution of a plan."""
        self._tell(request)
        return continuation(details, request)

    def _tell(self, request: Any) -> None:
        if self.sql is None or not self._pending or not hasattr(request, "plan"):
            return
        text = request.SerializeToString().lower()
        lists = bool(_LISTS.search(text)) or request.plan.root.HasField("catalog")
        with self._lock:  # another thread of the run may name the same table
            if self._table_under_way:
                return
            for name in [n for n in self._pending if (self._seen(n) if lists else self._short[n] in text)]:
                if (statement := self._pending.pop(name, None)) is not None:
                    self._make(name, statement)

    def _make(self, name: str, statement: str) -> None:
        assert self.sql is not None  # noqa: S101 - looked at by the caller
        view = views.name(statement)
        self._table_under_way = not view
        try:
            with self._trusted():
                if (made := self._schemas.pop(name.partition(".")[0], None)) is not None:
                    self.sql(made)
                for each in ([] if view else self._shown(name)) or [statement]:
                    self.sql(each)  # a view's own request names what it stands on
        except Exception:
            if view:  # over what is not there any more: whoever asks for it is told so
                return
            raise
        finally:
            self._table_under_way = False
