"""A value as text, nothing cut off: numbers in full, times in UTC, structures as JSON with their fields' names."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any


def of(value: Any) -> str:
    """The text; "" for NULL."""
    if value is None:
        return ""
    plain = json_value(value)
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False)


def json_value(value: Any) -> Any:
    """The value as JSON can hold it; what is no number there is text."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: json_value(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and all(isinstance(each, tuple) for each in value):  # a map
        return {of(key): json_value(inner) for key, inner in value}
    if isinstance(value, list):
        return [json_value(inner) for inner in value]
    return value


def moment(value: dt.datetime) -> str:
    """ISO 8601, to the microsecond where there are some; a Z says UTC, without one there is no time zone."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"
