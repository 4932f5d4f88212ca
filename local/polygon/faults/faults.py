"""Faults to play, read from a file: which requests they meet, and what happens to those."""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

ERRORS: dict[str, tuple[int, dict[str, str]]] = {
    "unknown_key": (401, {"status": "ERROR", "error": "Unknown API Key"}),
    "not_entitled": (403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}),
    "plan_history": (403, {"status": "NOT_AUTHORIZED", "message": "Your plan doesn't include this data timeframe."}),
    "not_ready": (403, {"status": "NOT_AUTHORIZED", "message": "Attempted to request today's data before end of day."}),
    "not_found": (404, {"status": "NOT_FOUND"}),
    "rate_limited": (429, {"status": "ERROR", "error": "You've exceeded the maximum requests per minute."}),
}
"""Errors by name, for `error`."""

ACTIONS: dict[str, tuple[type, ...]] = {
    "delay": (int, float), "status": (int,), "headers": (dict,), "body": (str,), "json": (dict, list), "error": (str,),
    "redirect": (str,), "set": (dict,), "remove": (list,), "rows": (dict,), "row": (dict,), "next_url": (str,),
    "truncate": (int,), "gzip": (str,), "bomb": (int,), "clock": (int, float),
    "reset": (int,), "cut": (int,), "cut_chunk": (int,), "hang": (int, float), "trickle": (int,),
}  # fmt: skip
"""What `then` may say and the types it takes; README.md tells what each does."""

_RULE_KEYS = {"name", "match", "nth", "times", "chance", "then"}


class FaultsError(ValueError):
    """A faults file that cannot be played."""


@dataclass
class Rule:
    """One fault: it meets requests by path and query, on some of the times it sees them."""

    name: str
    path: re.Pattern[str]
    query: dict[str, str]
    nth: list[tuple[int, float]]  # ranges of counted requests, both ends included
    times: float
    chance: float
    then: dict[str, Any]
    seen: int = 0
    played: int = 0
    kept_rows: list[Any] = field(
        default_factory=list
    )  # the rows of the last answer it met, for `rows: {previous: true}`
    seed: str = ""
    _asked: Counter[str] = field(default_factory=Counter)

    def meets(self, path: str, query: dict[str, str]) -> bool:
        """Counts a request if it fits, and tells whether the fault is played on it."""
        if not self.path.search(path) or any(query.get(name) != value for name, value in self.query.items()):
            return False
        self.seen += 1
        if self.played >= self.times or not any(first <= self.seen <= last for first, last in self.nth):
            return False
        if self.chance < 1 and self._draw(path, query) >= self.chance:
            return False
        self.played += 1
        return True

    def _draw(self, path: str, query: dict[str, str]) -> float:
        """By the request and how often it came, so that requests that overtake one another draw the same."""
        target = f"{path} {sorted(query.items())}"
        self._asked[target] += 1
        return random.Random(f"{self.seed} {target} {self._asked[target]}").random()


class Faults:
    """The rules of a file, read again (and counted from 0) whenever the file changes."""

    def __init__(self, path: Path | None, seed: int) -> None:
        self._path, self._seed = path, seed
        self._version: tuple[int, int] | None = None
        self._rules: list[Rule] = []
        self._refresh()  # a broken file stops the server at its start

    def matching(self, path: str, query: dict[str, str]) -> list[Rule]:
        """The rules to play on a request."""
        self._refresh()
        return [rule for rule in self._rules if rule.meets(path, query)]

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            stat = self._path.stat()
        except OSError as error:
            raise FaultsError(f"--faults: {error}") from error
        version = (stat.st_mtime_ns, stat.st_size)
        if version != self._version:
            self._rules, self._version = read_faults(self._path, self._seed), version


def read_faults(path: Path, seed: int) -> list[Rule]:
    """The rules of a YAML or JSON file: a list, or a mapping with the list under `faults`."""
    try:
        read = json.loads(path.read_text()) if path.suffix == ".json" else msgspec.yaml.decode(path.read_text())
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise FaultsError(f"{path}: {error}") from error
    entries = read.get("faults") if isinstance(read, dict) else read
    if not isinstance(entries, list):
        raise FaultsError(f"{path}: expected a list of faults")
    rules = []
    for at, entry in enumerate(entries):
        try:
            rules.append(_rule(entry, f"{seed} {at} {entry.get('name', '')}"))
        except (FaultsError, TypeError, AttributeError, re.error) as error:
            raise FaultsError(f"{path}: fault {at + 1}: {error}") from error
    return rules


def _rule(entry: dict[str, Any], seed: str) -> Rule:
    if unknown := set(entry) - _RULE_KEYS:
        raise FaultsError(f"unknown keys {sorted(unknown)}; keys are {sorted(_RULE_KEYS)}")
    then, match = entry.get("then") or {}, entry.get("match") or {}
    for action, value in then.items():
        if action not in ACTIONS:
            raise FaultsError(f"then: unknown action {action!r}; actions are {', '.join(ACTIONS)}")
        if not isinstance(value, ACTIONS[action]):
            raise FaultsError(
                f"then: {action} takes {' or '.join(kind.__name__ for kind in ACTIONS[action])}, not {value!r}"
            )
    if then.get("error", "unknown_key") not in ERRORS:
        raise FaultsError(f"then: error is one of {', '.join(ERRORS)}, not {then['error']!r}")
    if unknown := set(match) - {"path", "query"}:
        raise FaultsError(f"match: unknown keys {sorted(unknown)}; keys are path, query")
    query = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in match.get("query", {}).items()
    }
    return Rule(
        name=str(entry.get("name", "")),
        path=re.compile(match.get("path", "")),
        query=query,
        nth=_ranges(entry.get("nth", "1-")),
        times=float(entry.get("times", "inf")),
        chance=float(entry.get("chance", 1)),
        then=then,
        seed=seed,
    )


def _ranges(nth: int | str | list[int | str]) -> list[tuple[int, float]]:
    """3, "2-5", "4-" (from the fourth on), or a list of these."""
    ranges = []
    for part in nth if isinstance(nth, list) else [nth]:
        found = re.fullmatch(r"(\d+)(-(\d*))?", str(part))
        if not found:
            raise FaultsError(f"nth: {part!r} is neither a number nor a range such as 2-5 or 4-")
        first = int(found[1])
        ranges.append((first, first if found[2] is None else float(found[3] or "inf")))
    return ranges
