"""What a warehouse cannot answer."""

from __future__ import annotations


class QueryError(RuntimeError):
    """A question has no whole answer; the message says why and, where that is known, what to do."""


class RefusedError(QueryError):
    """A call was answered with an error; `status` is HTTP's, `code` the service's word for it."""

    def __init__(self, message: str, status: int, code: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code
