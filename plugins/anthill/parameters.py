"""A job's parameters, which people may set in the workspace: checked before one is part of SQL or of a path."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from anthill import catalog, moments
from anthill.names import ParameterError, catalog_name

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_URI = re.compile(r"s3://[a-z0-9.-]{3,63}/[^\s'\"\\`;*?\[\]{}]+"), "s3://<bucket>/<key>"
_FORMS = {
    "manifest": _URI,
    "plan": _URI,
    "digest": (re.compile(r"([0-9a-f]{64})?", re.ASCII), "64 hexadecimal digits, or nothing"),
    "sandbox": (re.compile(r"([A-Za-z][A-Za-z0-9_]{0,62})?", re.ASCII), "a letter, then letters, digits and _"),
    "model": (re.compile(r"[a-z]\w{0,62}(\.\w{1,63}){2}", re.ASCII), "<catalog>.<schema>.<model>"),
    "experiment": (re.compile(r"(/[\w@.\[\] -]+)+", re.ASCII), "the path of an experiment in the workspace"),
    "version": (re.compile(r"[0-9]{0,9}", re.ASCII), "a number, or nothing"),
}
ACTIONS = ("train", "score", "rescore", "roll_back", "copy")  # of the job models


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """The parameters as they were given; ParameterError for the first that is none."""
    for name, value in given.items():
        match name:
            case "catalog":
                catalog_name(value)
            case "asset_class":
                _require(value in catalog.asset_classes(), name, value, ", ".join(catalog.asset_classes()))
            case "market_date_from" | "market_date_to":
                _require(_is_day(value), name, value, "YYYY-MM-DD")
            case "datasets":
                known = catalog.load(given["asset_class"]).datasets
                _require(value in ("", "-") or set(value.split(",")) <= known.keys(), name, value, ", ".join(known))
            case _ if name in _FORMS:
                form, words = _FORMS[name]
                _require(form.fullmatch(value) is not None, name, value, words)
            case "action":
                _require(value in ACTIONS, name, value, ", ".join(ACTIONS))
            case "as_of":
                _require(_is_moment(value), name, value, "a moment with its time zone, as 2024-05-28T12:00:00Z")
            case _:
                raise ParameterError(f"{name} is no parameter of a job")
    return dict(given)


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and dt.date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return bool(moments.parse(text))
    except moments.MomentError:
        return False


def _require(holds: bool, name: str, value: str, allowed: str) -> None:
    if not holds:
        raise ParameterError(f"{name} is {value!r}, allowed: {allowed}")
