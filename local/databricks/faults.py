"""Scripted faults: the YAML file lists which calls are answered wrongly, and how often."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Faults:
    """Answers the first matching rule that has `times` left; the file is read again when it changes.

    A rule: `path` (regular expression), and optionally `method`, `times` (1), `after` (calls let through first),
    `status` (500), `error_code`, `message`, `retry_after` (seconds).
    """

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self._app, self._file = app, file
        self._seen = 0
        self._rules: list[dict[str, Any]] = []

    def _matching(self, method: str, path: str) -> dict[str, Any] | None:
        changed = self._file.stat().st_mtime_ns if self._file.exists() else 0
        if changed != self._seen:
            self._rules = (msgspec.yaml.decode(self._file.read_text()) or []) if changed else []
            self._seen = changed
        for rule in self._rules:
            if not re.search(rule["path"], path) or rule.get("method", method) != method:
                continue
            if rule.get("after", 0) > 0:
                rule["after"] -= 1
            elif rule.setdefault("times", 1) > 0:
                rule["times"] -= 1
                return rule
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a fault, or let the call through."""
        rule = self._matching(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        status = rule.get("status", 500)
        code = rule.get("error_code", "REQUEST_LIMIT_EXCEEDED" if status == 429 else "TEMPORARILY_UNAVAILABLE")
        body = {"error_code": code, "message": rule.get("message", "Scripted fault.")}
        headers = {"Retry-After": str(rule["retry_after"])} if "retry_after" in rule else {}
        await JSONResponse(body, status, headers=headers)(scope, receive, send)
