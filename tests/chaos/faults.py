"""What goes wrong on a night, drawn from the seed: the same seed gives the same faults to the same requests."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.plugins.anthill.landing.s3_faults import Fault

API: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 502, "body": "<html>Bad Gateway</html>"},
    {"status": 503},
    {"error": "rate_limited"},
    {"error": "rate_limited", "headers": {"Retry-After": "0"}},
    {"error": "rate_limited", "headers": {"Retry-After": "Fri, 06 Jun 2014 20:00:00 GMT"}},
    {"reset": 0},
    {"reset": 700},
    {"cut": 300},
    {"cut_chunk": 300},
    {"hang": 3},
    {"truncate": 200},
    {"body": "<html>maintenance</html>"},
    {"set": {"status": "ERROR", "error": "internal"}},
    {"status": 403, "body": "<html>The request could not be satisfied</html>"},
    {"status": 404, "body": "<html>no such host</html>"},
    {"json": {"message": "Too Many Requests"}},
    {"json": {"code": 429}},
    {"clock": 36_500},  # days ahead
    {"set": {"results": {}}},
    {"set": {"error": "only a part of it"}},
    {"remove": ["results"]},
    {"rows": {"reverse": True}},  # no fault: the same rows in another order are the same
    {"gzip": "cut"},
    {"gzip": "corrupt"},
    {"bomb": 64},
    {"delay": 0.4},
)
COUNTED: tuple[dict[str, Any], ...] = (
    {"rows": {"drop": 1}},
    {"rows": {"repeat": 3}},
)  # told by a count, where there is one
FINAL: tuple[dict[str, Any], ...] = (  # no retry helps against these
    {"error": "unknown_key"},
    {"error": "not_entitled"},
    {"error": "not_ready"},
    {"set": {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}},
    {"redirect": "http://127.0.0.1:9/elsewhere"},
    {"next_url": "loop"},
    {"next_url": "http://127.0.0.1:9/v3/rows?cursor=1"},
)
S3 = (
    Fault(503, "SlowDown"),
    Fault(429, "TooManyRequests"),
    Fault(500, "InternalError"),
    Fault(),
    Fault(applied=True),
    Fault(500, "InternalError", applied=True),
    Fault(409, "ConditionalRequestConflict"),
    Fault(400, "IncompleteBody"),
    Fault(400, "XAmzContentSHA256Mismatch"),
    Fault(400, "KMS.ThrottlingException"),
)
_ANY_METHOD = 4  # the first of them meet every method, the others what is written
S3_FINAL = (Fault(403, "AccessDenied"), Fault(400, "ExpiredToken"), Fault(404, "NoSuchBucket"))
WORKSPACE = ("runs/get$", "run-now$", "jobs/list$", "runs/get-output$")
TRIES = 5


@dataclass(frozen=True)
class Night:
    """The faults of one night."""

    seed: str

    @property
    def storm(self) -> bool:
        """Whether it is one of the nights on which nearly everything fails."""
        return self._dice("storm").random() < 0.15

    @property
    def copies(self) -> int:
        """How many runs land the same day at once."""
        return self._dice("copies").choice([1, 2, 2, 3, 8])

    def api(self) -> list[dict[str, Any]]:
        """Rules for the API's stand-in."""
        dice = self._dice("api")
        often = 0.5 if self.storm else dice.choice([0.05, 0.15, 0.3])
        kinds = dice.sample(API, dice.randint(3, 8))
        rules: list[dict[str, Any]] = [{"chance": round(often / len(kinds), 4), "then": then} for then in kinds]
        rules.append({"match": {"path": "^/v2/aggs"}, "chance": 0.1, "then": dice.choice(COUNTED)})
        if dice.random() < 0.3:
            rules.append({"chance": 0.1, "times": 2, "then": dice.choice(FINAL)})
        return [{"name": self.seed, **rule} for rule in rules]

    def workspace(self) -> list[dict[str, Any]]:
        """Rules for the workspace's stand-in."""
        dice = self._dice("workspace")
        return [
            {"path": path, "status": dice.choice([429, 500, 503]), "after": dice.randint(0, 4), "times": 1}
            for path in dice.sample(WORKSPACE, dice.randint(0, len(WORKSPACE)))
        ]

    def cancels(self) -> float | None:
        """After how many seconds somebody cancels what the workspace runs; None on most nights."""
        dice = self._dice("cancel")
        return dice.uniform(0.5, 4) if dice.random() < 0.25 else None

    def kills(self, work: str) -> list[float | None]:
        """For each try of a task, after how many seconds its process is killed, None for not at all."""
        dice = self._dice(f"kill {work}")
        return [dice.uniform(0, 3) if dice.random() < 0.35 else None for _ in range(TRIES)]

    def s3(self) -> Callable[[str, str, Mapping[str, str]], Fault | None]:
        """What chooses a fault for a request to S3."""
        often = 0.4 if self.storm else self._dice("s3").choice([0.03, 0.1, 0.2])
        final = self._dice("s3 final").random() < 0.2
        asked: Counter[str] = Counter()
        lock = threading.Lock()

        def choose(method: str, path: str, headers: Mapping[str, str]) -> Fault | None:
            parts = urlsplit(path)
            target = f"{method} {parts.path} {sorted(parse_qsl(parts.query))}"
            with lock:
                asked[target] += 1
                dice = self._dice(f"{target} {asked[target]}")
            if final and dice.random() < 0.03:
                return dice.choice(S3_FINAL)
            if dice.random() >= often:
                return None
            return dice.choice(S3[: None if method == "PUT" else _ANY_METHOD])

        return choose

    def _dice(self, what: str) -> random.Random:
        return random.Random(f"{self.seed} {what}")
