"""The audit table, asked through a warehouse over REST by the saved question who_changed_what."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

from anthill.governance.drift import Change
from anthill.governance.permissions import Api
from anthill.include import include_dir

log = logging.getLogger(__name__)

_AT = "2.0/sql/statements"
_PATIENCE = 300.0  # seconds; a warehouse may have to start
_UNDER_WAY = ("PENDING", "RUNNING")


def changes(hook: Api, days: dict[str, str]) -> list[Change] | None:
    """Who changed what in these days, the newest first; None where there is no audit table or nobody may ask it."""
    try:
        found = _answer(hook, days)
    except Exception as error:  # drift is told without who and when, too
        log.warning("The audit table tells nothing of who did it: %s", error)
        return None
    names = [column["name"] for column in found["manifest"]["schema"]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in (found.get("result") or {}).get("data_array") or []]
    return [
        Change(row["event_time"] or "", row["who"] or "somebody", row["what"] or "", row["change"] or "")
        for row in rows
        if row["done"] == "true"
    ]


def _answer(hook: Api, days: dict[str, str]) -> dict[str, Any]:
    warehouses = hook._do_api_call(("GET", "2.0/sql/warehouses")).get("warehouses") or []
    if not warehouses:
        raise LookupError("the principal of databricks_default may use no warehouse")
    text = (include_dir() / "audit/databricks/who_changed_what.sql").read_text()
    statement = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE).rstrip().removesuffix(";")
    parameters = [{"name": name, "value": value, "type": "STRING"} for name, value in days.items()]
    body = {"warehouse_id": warehouses[0]["id"], "statement": statement, "parameters": parameters}
    body |= {"wait_timeout": "30s", "format": "JSON_ARRAY", "disposition": "INLINE"}
    found: dict[str, Any] = hook._do_api_call(("POST", _AT), body)
    end = time.monotonic() + _PATIENCE
    while found["status"]["state"] in _UNDER_WAY and time.monotonic() < end:
        time.sleep(1)
        found = hook._do_api_call(("GET", f"{_AT}/{found['statement_id']}"))
    if found["status"]["state"] != "SUCCEEDED":
        raise LookupError(str(found["status"].get("error") or found["status"]["state"]))
    return found
