"""What a workspace may answer that is not the whole answer is an error, or is asked for again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.warehouse import environment, type_text
from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace
from tests.scripted_server import RESET, Asked, Reply, ScriptedServer, error, http

TABLE = pa.table({"n": pa.array([1, 2, 3], pa.int64())})


def stream(table: pa.Table) -> bytes:
    """A chunk's bytes."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


class Service:
    """Answers one statement in chunks; a test changes what it says."""

    def __init__(self) -> None:
        self.chunks = [stream(TABLE), stream(TABLE)]
        self.rows = [3, 3]
        self.manifest: dict[str, Any] = {"total_row_count": 6, "truncated": False}
        self.status: dict[str, Any] = {"state": "SUCCEEDED"}
        self.first: dict[str, list[Reply]] = {}  # what a path answers at first
        self.url = ""

    def __call__(self, asked: Asked) -> Reply:
        """The answer to a request."""
        if waiting := self.first.get(asked.path):
            return waiting.pop(0)
        if asked.path.startswith("/store/"):
            if "Authorization" in asked.headers:
                return error(400)
            return http(self.chunks[int(asked.path[7:])])
        if "/chunks/" in asked.path:
            return http(json.dumps(self.link(int(asked.path.rpartition("/")[2]))).encode())
        schema = {"columns": [{"name": "n", "type_name": "LONG", "type_text": "BIGINT"}]}
        state = {"statement_id": "s", "status": self.status, "manifest": {"schema": schema, **self.manifest}}
        return http(json.dumps({**state, "result": self.link(0) if self.chunks else {}}).encode())

    def link(self, index: int) -> dict[str, Any]:
        """What leads to a chunk, and to the one after it."""
        found = {"chunk_index": index, "row_count": self.rows[index], "external_link": f"{self.url}/store/{index}"}
        if index + 1 < len(self.chunks):
            found["next_chunk_internal_link"] = f"/api/2.0/sql/statements/s/result/chunks/{index + 1}"
        return {"external_links": [found]}

    def ask(self) -> list[Any]:
        """The statement's rows."""
        with ScriptedServer(self) as server:
            self.url = server.url
            warehouse = Warehouse(Workspace(server.url, "t"), "dev", "w")
            return [value for (value,) in warehouse.query("SELECT n FROM gold.x").rows]


def test_all_chunks_are_one_answer() -> None:
    """No token goes to the storage."""
    assert Service().ask() == [1, 2, 3, 1, 2, 3]


FAULTS: dict[str, Callable[[Service], Any]] = {
    "not whole: the warehouse cut it off": lambda service: service.manifest.update(truncated=True),
    "3 rows came of 6": lambda service: service.chunks.pop(),
    "has 2 rows of 3": lambda service: service.chunks.__setitem__(1, stream(TABLE.slice(1))),
    "cannot be read": lambda service: service.chunks.__setitem__(1, service.chunks[1][:-40]),
    "CLOSED": lambda service: service.status.update(state="CLOSED"),
    "refuses its own links": lambda service: service.first.update({"/store/1": [error(403), error(403)]}),
}


@pytest.mark.parametrize("said", FAULTS)
def test_what_is_not_whole_is_no_answer(said: str) -> None:
    """Whatever it is that is missing."""
    service = Service()
    FAULTS[said](service)
    with pytest.raises(QueryError, match=said):
        service.ask()


def test_what_passes_is_asked_again() -> None:
    """A link whose time is over gives way to a fresh one; what is overloaded or resets is asked once more."""
    service = Service()
    service.first = {
        "/store/1": [error(403)],
        "/store/0": [error(503), RESET],
        "/api/2.0/sql/statements/s/result/chunks/1": [error(429, **{"Retry-After": "0"})],
    }
    assert service.ask() == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have permission SELECT on table x",
         "Ask the data engineers for SELECT on gold.x"),
        ("PERMISSION_DENIED: User does not have SELECT on Table 'dev.gold.x'", "Ask the data engineers"),
        ("[PARSE_SYNTAX_ERROR] at 'selec'", "PARSE_SYNTAX_ERROR"),
    ],
)  # fmt: skip
def test_a_reader_without_the_right_is_told_whom_to_ask(message: str, said: str) -> None:
    """In one line, with the service's own words."""
    service = Service()
    service.status = {"state": "FAILED", "error": {"message": message}}
    with pytest.raises(QueryError) as raised:
        service.ask()
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_table_that_a_reader_may_not_see_has_the_same_advice() -> None:
    """Where its columns are asked for."""
    service = Service()
    denied = {"error_code": "PERMISSION_DENIED", "message": "User does not have USE SCHEMA on Schema 'dev.gold'."}
    service.first = {"/api/2.1/unity-catalog/tables/dev.gold.x": [error(403, denied)]}
    with ScriptedServer(service) as server, pytest.raises(QueryError, match=r"Ask the data engineers .* gold\.x"):
        Warehouse(Workspace(server.url, "t"), "dev", "w").columns("gold.x")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(403, {"error_code": 403, "message": "Invalid access token."}), "set DATABRICKS_TOKEN"),
        (error(401, {"error_code": 401, "message": "Credential was not sent."}), "set DATABRICKS_TOKEN"),
        (http(b"<html>"), "is no workspace"),
    ],
)
def test_a_workspace_that_does_not_let_in(answer: Reply, said: str) -> None:
    """The token, or the address."""
    service = Service()
    service.first = {"/api/2.0/sql/statements": [answer]}
    with pytest.raises(QueryError, match=said):
        service.ask()


def test_a_service_principal_has_a_token_for_as_long_as_it_holds() -> None:
    """By its id and secret, fetched once; the warehouse by its id, or by its HTTP path."""
    service = Service()
    service.first = {"/oidc/v1/token": [http(b'{"access_token": "fresh", "expires_in": 3600}')]}
    with ScriptedServer(service) as server:
        service.url = server.url
        given = {"DATABRICKS_HOST": server.url, "DATABRICKS_HTTP_PATH": "/sql/1.0/warehouses/abc"}
        with pytest.raises(QueryError, match="DATABRICKS_TOKEN"):
            environment.warehouse(given=given)
        found = environment.warehouse(given={**given, "DATABRICKS_CLIENT_ID": "i", "DATABRICKS_CLIENT_SECRET": "s"})
        assert found.warehouse_id == "abc"
        assert len(found.query("SELECT 1").rows) == 6
        assert [asked.path for asked in server.asked].count("/oidc/v1/token") == 1
        used = {asked.headers.get("Authorization") for asked in server.asked if asked.path.startswith("/api/")}
        assert used == {"Bearer fresh"}


KINDS = st.recursive(
    st.sampled_from([
        ("INT", pa.int32()), ("BIGINT", pa.int64()), ("DOUBLE", pa.float64()), ("STRING", pa.string()),
        ("DATE", pa.date32()), ("TIMESTAMP", pa.timestamp("us", "UTC")), ("TIMESTAMP_NTZ", pa.timestamp("us")),
        ("BOOLEAN", pa.bool_()), ("BINARY", pa.binary()), ("DECIMAL(20, 4)", pa.decimal128(20, 4)),
    ]),
    lambda inner: st.one_of(
        inner.map(lambda each: (f"ARRAY<{each[0]}>", pa.list_(each[1]))),
        inner.map(lambda each: (f"MAP<STRING, {each[0]}>", pa.map_(pa.string(), each[1]))),
        inner.map(lambda each: (f"STRUCT<Open: {each[0]} NOT NULL, `a b``<`: INT>",
                                pa.struct([("Open", each[1]), ("a b`<", pa.int32())]))),
    ),
    max_leaves=4,
)  # fmt: skip


@given(KINDS)
def test_types_are_read_as_they_are_worded(kind: tuple[str, pa.DataType]) -> None:
    """However they are nested, and with whatever names; upper or lower case alike."""
    assert type_text.arrow(kind[0]) == kind[1]


@pytest.mark.parametrize("text", ["", "NOSUCH", "ARRAY<", "STRUCT<a>", "INT INT", "MAP<INT>"])
def test_what_is_no_type_is_told(text: str) -> None:
    """By its own words."""
    with pytest.raises(QueryError, match="none that can be read"):
        type_text.arrow(text)
