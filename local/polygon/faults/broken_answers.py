"""What faults do to an answer before it is sent: other rows, other words, other bytes."""

import copy
import datetime as dt
import email.utils
import gzip
import json
import zlib
from dataclasses import dataclass
from typing import Any

from local.polygon.faults.faults import ERRORS, Rule


@dataclass
class Whole:
    """A whole answer: `body` is not compressed while `gzip` says that it will be."""

    status: int
    headers: dict[str, str]
    body: bytes
    gzip: bool


def break_answer(answer: Whole, rule: Rule, url: str) -> Whole:
    """The answer to a request for `url` as a fault wants it; what concerns the connection is left to the sender."""
    then, answer = rule.then, copy.deepcopy(answer)
    if "error" in then:
        answer.status, body = ERRORS[then["error"]]
        answer.body = json.dumps(body).encode()
    if "redirect" in then:
        answer.status, answer.headers["location"], answer.body = 302, then["redirect"], b""
    if "json" in then:
        answer.body = json.dumps(then["json"]).encode()
    if "body" in then:
        answer.body, answer.headers["content-type"] = then["body"].encode(), "text/html"
    answer.status = then.get("status", answer.status)
    answer.headers |= {name.lower(): str(value) for name, value in then.get("headers", {}).items()}
    if "clock" in then:
        moment = email.utils.parsedate_to_datetime(answer.headers["date"]) + dt.timedelta(days=then["clock"])
        answer.headers["date"] = email.utils.format_datetime(moment, usegmt=True)
    if {"set", "remove", "rows", "row", "next_url"} & set(then):
        answer.body = _edited(answer.body, rule, url)
    if "truncate" in then:
        answer.body = answer.body[: then["truncate"]]
    return answer


def encoded(answer: Whole, rule: Rule | None) -> bytes:
    """The bytes of the body as they go out, with the fault's damage to the compression."""
    then = rule.then if rule else {}
    if "bomb" in then:
        answer.headers["content-encoding"] = "gzip"
        return _bomb(then["bomb"])
    if not answer.gzip:
        return answer.body
    answer.headers["content-encoding"] = "gzip"
    packed = gzip.compress(answer.body, 1, mtime=0)
    damage = then.get("gzip", "")
    if damage == "cut":
        return packed[:-8]
    if damage == "corrupt":
        return packed[:-8] + bytes(8 * [0x55])
    return packed


def _edited(body: bytes, rule: Rule, url: str) -> bytes:
    """A JSON body with other keys, rows or next_url."""
    then, page = rule.then, json.loads(body)
    rows = page.get("results") if isinstance(page, dict) else None
    if isinstance(rows, list):
        before, rule.kept_rows = rule.kept_rows, list(rows)
        page["results"] = _other_rows(rows, then.get("rows", {}), before)
        change = then.get("row", {})
        if change and page["results"]:
            row = page["results"][change.get("at", 0) % len(page["results"])]
            row |= change.get("set", {})
            for name in change.get("remove", []):
                row.pop(name, None)
    if isinstance(page, dict):
        page |= then.get("set", {})
        for name in then.get("remove", []):
            page.pop(name, None)
        if "next_url" in then:
            page["next_url"] = url if then["next_url"] == "loop" else then["next_url"]
    return json.dumps(page, separators=(",", ":")).encode()


def _other_rows(rows: list[Any], change: dict[str, Any], before: list[Any]) -> list[Any]:
    """Rows without some (`drop`), with some twice (`repeat`), in reverse, or the last page's (`previous`)."""
    if change.get("previous") and before:
        rows = before
    rows = rows[: len(rows) - change.get("drop", 0)]
    rows = rows + rows[: change.get("repeat", 0)]
    return rows[::-1] if change.get("reverse") else rows


def _bomb(megabytes: int) -> bytes:
    """A small gzip body of valid JSON that grows to some megabytes of blanks."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(b'{"status":"OK","results":[')]
    blanks = b" " * 2**20
    parts += [packer.compress(blanks) for _ in range(megabytes)]
    return b"".join([*parts, packer.compress(b"]}"), packer.flush()])
