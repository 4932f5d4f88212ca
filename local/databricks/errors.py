"""The errors that the REST API answers with: `{"error_code", "message"}`."""

from __future__ import annotations


class ApiError(Exception):
    """An HTTP answer that is not a success."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


def invalid(message: str) -> ApiError:
    """A request that can never succeed: 400 INVALID_PARAMETER_VALUE."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def denied(message: str) -> ApiError:
    """Something that the caller has no right to: 403 PERMISSION_DENIED."""
    return ApiError(403, "PERMISSION_DENIED", message)


def missing(code: str, message: str) -> ApiError:
    """Something that does not exist: 404."""
    return ApiError(404, code, message)
