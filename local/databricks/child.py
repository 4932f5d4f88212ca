"""Runs inside a forked process of their own: one notebook, or SQL statements, told to the server as events."""

from __future__ import annotations

import ast
import html
import json
import linecache
import os
import select
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from local.databricks import chunks, engine, notebook, tracking, type_text, views
from local.databricks.dbutils import DBUtils, NotebookExit

Emit = Callable[..., None]
_SHOWN_ROWS = 1000


def serve(connection: socket.socket) -> None:
    """Read a job, run it, send its events as JSON lines; after a statement the next, as a warehouse does."""
    lines = connection.makefile("rw", encoding="utf-8")
    lock = threading.Lock()

    def emit(event: str, **fields: Any) -> None:
        with lock:
            lines.write(json.dumps({"event": event, **fields}, default=str) + "\n")
            lines.flush()

    threading.Thread(target=_leave_with_the_server, args=(connection,), daemon=True).start()
    for line in lines:
        job = json.loads(line)
        emit("started", pid=os.getpid())
        try:
            _run(job, emit)
        except BaseException as error:  # whatever ended the run is its result
            emit("error", **_describe(error))
        emit("done")
        if "statement" not in job:  # a notebook may have changed anything in its process
            return


def _leave_with_the_server(connection: socket.socket) -> None:
    """A server that is gone, killed even, takes its runs with it."""
    gone = select.poll()
    gone.register(connection, select.POLLHUP)
    try:
        gone.poll()
    finally:
        os._exit(1)


def _run(job: dict[str, Any], emit: Emit) -> None:
    sys.path[:0] = job["python_path"]
    spark = engine.start(job, emit)
    views.watch(spark, emit)
    if "statement" not in job:
        _run_notebook(spark, job, emit)
        return
    try:
        _run_statement(spark, job, emit)
    finally:
        spark.stop()


def _run_notebook(spark: Any, job: dict[str, Any], emit: Emit) -> None:
    main = ModuleType("__main__")
    sys.modules["__main__"] = main
    output = _Output(emit)
    sys.stdout = sys.stderr = output
    main.__dict__.update(
        spark=spark,
        dbutils=DBUtils(
            job["parameters"], job["task_values"], lambda k, v: emit("task_value", key=k, value=v), _may_read(job)
        ),
        display=output.display,
        displayHTML=output.html,
        sql=spark.sql,
    )
    tracking.make(job["mlflow"])
    cells = notebook.read(job["notebook"])
    emit("cells", cells=[{"kind": c.kind, "source": c.source} for c in cells])
    for index, cell in enumerate(cells):
        output.cell = index
        started = time.monotonic()
        try:
            if cell.kind == "python":
                _run_python(cell, main.__dict__, output)
            elif cell.kind == "sql":
                for statement in _statements(cell.source):
                    output.display(spark.sql(statement))
        except NotebookExit as leave:
            emit("cell", index=index, seconds=time.monotonic() - started)
            emit("exit", value=leave.value)
            return
        except BaseException as error:  # shown on its cell, and the run's result
            description = _describe(error)
            emit("cell", index=index, seconds=time.monotonic() - started, **description)
            emit("error", **description)
            return
        emit("cell", index=index, seconds=time.monotonic() - started)


def _may_read(job: dict[str, Any]) -> Callable[[str], None]:
    """Refuses paths that the job's principal may not read."""
    from local.databricks.guard import InsufficientPermissionsError
    from local.databricks.held import Held
    from local.databricks.paths import Paths

    held, paths, fence = Held(job["principal"]["direct"]), Paths(job["locations"]), engine.fence_of(job)

    def may_read(path: str) -> None:
        fence.path(path)
        if lacking := held.lacks([paths.need("READ_FILES", path)]):
            raise InsufficientPermissionsError(lacking)

    return may_read


def _run_python(cell: notebook.Cell, namespace: dict[str, Any], output: _Output) -> None:
    """Run a cell; the value of a last bare expression is shown."""
    source = "\n" * (cell.line - 1) + cell.source + "\n"
    linecache.cache[cell.path] = (len(source), None, source.splitlines(keepends=True), cell.path)
    tree = ast.parse(source, cell.path)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, cell.path, "exec"), namespace)  # noqa: S102 - running code is what a notebook is
    if isinstance(last, ast.Expr):
        code: CodeType = compile(ast.Expression(last.value), cell.path, "eval")
        value = eval(code, namespace)  # noqa: S307
        if value is not None:
            output.write(f"{value!r}\n")


def _statements(source: str) -> list[str]:
    """The statements of a %sql cell, parted by semicolons at the end of a line."""
    return [part.strip() for part in f"{source}\n".split(";\n") if part.strip()]


def _run_statement(spark: Any, job: dict[str, Any], emit: Emit) -> None:
    for kind, name in (("CATALOG", job["use_catalog"]), ("SCHEMA", job["use_schema"])):
        if name is not None:
            quoted = str(name).replace("`", "``")
            spark.sql(f"USE {kind} `{quoted}`")
    frame = spark.sql(job["statement"], args=job["parameters"] or None)
    limit = job["row_limit"]
    held = _Limited(frame if limit is None else frame.limit(limit + 1), limit)
    found = chunks.write(held.tables(), Path(job["results"]), job["format"]) if held.fields else iter([])
    written = chunks.within(found, chunks.INLINE_BYTES) if job["disposition"] == "INLINE" else list(found)
    emit("rows", columns=held.columns(), chunks=written, truncated=held.truncated)


class _Limited:
    """The rows of a DataFrame as they come, up to a limit, and whether there were more."""

    def __init__(self, frame: Any, limit: int | None) -> None:
        self._frame, self._left = frame, limit
        self.fields = frame.schema.fields
        self.truncated = False

    def columns(self) -> list[dict[str, str]]:
        """Names and types, those of a structure's fields as they are written."""
        return [{"name": field.name, "type": type_text.of(field.dataType)} for field in self.fields]

    def tables(self) -> Iterator[Any]:
        """Arrow tables of these columns and types."""
        import pyarrow as pa
        from pyspark.sql.pandas.types import to_arrow_schema

        schema = to_arrow_schema(self._frame.schema, timezone="UTC")
        client = self._frame._session.client
        plan = self._frame._plan
        for table in client.to_table_as_iterator(plan.to_proto(client), plan.observations):
            if not isinstance(table, pa.Table):  # the schema comes first
                continue
            rows = table.rename_columns(schema.names).cast(schema)
            if self._left is not None:
                self.truncated = self.truncated or rows.num_rows > self._left
                rows = rows.slice(0, self._left)
                self._left -= rows.num_rows
            yield rows


def _describe(error: BaseException) -> dict[str, str]:
    """The error in one line, and its trace without this server's own frames."""
    own = os.path.dirname(__file__)  # noqa: PTH120
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(own)]
    chain = traceback.TracebackException.from_exception(error)
    chain.stack = traceback.StackSummary.from_list(frames)
    return {"error": f"{type(error).__name__}: {error}", "trace": "".join(chain.format())}


class _Output:
    """Standard output and shown tables, each told with the cell that made it."""

    def __init__(self, emit: Emit) -> None:
        self._emit, self.cell = emit, 0

    def write(self, text: str) -> int:
        if text:
            self._emit("output", cell=self.cell, text=text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False

    def html(self, text: str) -> None:
        self._emit("output", cell=self.cell, html=text)

    def display(self, value: Any) -> None:
        """Show a DataFrame as a table, anything else as text."""
        if not hasattr(value, "limit"):
            self.html(value.to_html()) if hasattr(value, "to_html") else self.write(f"{value!r}\n")
            return
        if not value.columns:
            return
        rows = value.limit(_SHOWN_ROWS + 1).collect()
        more = f"<p>The first {_SHOWN_ROWS} rows.</p>" if len(rows) > _SHOWN_ROWS else ""
        head = "".join(f"<th>{html.escape(str(name))}</th>" for name in value.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in rows[:_SHOWN_ROWS]
        )
        self.html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}")
