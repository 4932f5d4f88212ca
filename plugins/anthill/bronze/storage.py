"""What S3 can do wrong, as types, and calls tried again while a fault may pass."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

if TYPE_CHECKING:
    from botocore.config import Config
    from tenacity import RetryCallState

log = logging.getLogger(__name__)

THREADS = 16  # that share a client
_T = TypeVar("_T")
# Of S3's list of error codes, those of load, of bytes lost or changed on the way, and of a moment; AWS's own names
# for too many calls are many. What KMS refuses comes with "KMS." before it.
_PASSING = {
    "BadDigest",
    "BandwidthLimitExceeded",
    "Busy",
    "ConditionalRequestConflict",
    "DependencyTimeoutException",
    "EC2ThrottledException",
    "IncompleteBody",
    "InternalError",
    "KMSInternalException",
    "KeyUnavailableException",
    "LimitExceededException",
    "OperationAborted",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "TemporaryRedirect",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
    "TransactionInProgressException",
    "XAmzContentChecksumMismatch",
    "XAmzContentSHA256Mismatch",
}
_PASSING_STATUS = {307, 408, 425, 429}  # HEAD answers have no body to hold a code
_RENEW = "Renew the credentials of the AWS connection"
_CORRECT = "Correct the credentials of the AWS connection"
_ADVICE = {
    "AccessDenied": "Let the role of the connection's credentials put, get and list under the folder of its source",
    "NoSuchBucket": "Create the bucket, or correct the name in the DAG's parameters",
    "ExpiredToken": _RENEW,
    "InvalidToken": _RENEW,
    "TokenRefreshRequired": _RENEW,
    "400": _RENEW,  # a HEAD's answer has no body to say that they expired
    "InvalidAccessKeyId": _CORRECT,
    "SignatureDoesNotMatch": _CORRECT,
    "RequestTimeTooSkewed": "Set this machine's clock by NTP, then retry the task",
}
_KMS = "Let the role use the key that encrypts the bucket, and enable the key"
_BY_STATUS = {403: "AccessDenied"}  # HEAD answers have no body to hold a code


class StorageError(RuntimeError):
    """S3 did not do what was asked; the text names bucket, key, the code, and what to do."""


class StorageFatalError(StorageError):
    """The same call will fail again: no retry."""


class ContentError(RuntimeError):
    """The content cannot be gathered here: no room, or too much for one object."""


class NoRoomError(ContentError):
    """The temporary folder takes no more."""


class Outage:
    """Tells a fault of one key from one of all of S3: so many keys failed in a row, and nothing worked between."""

    MOST = 3

    def __init__(self) -> None:
        self._failed = 0

    def worked(self) -> None:
        """Something did."""
        self._failed = 0

    def failed(self) -> bool:
        """Count a key whose patience is at its end; whether S3 as a whole is."""
        self._failed += 1
        return self.is_total

    @property
    def is_total(self) -> bool:
        """Whether nothing more should be tried."""
        return self._failed >= self.MOST


class Patience:
    """How often a call to S3 is tried, and how long the waits between grow, in seconds."""

    def __init__(self, tries: int = 8, first: float = 0.2, longest: float = 20.0) -> None:
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

        self._retrying = Retrying(
            retry=retry_if_exception(is_passing),
            wait=wait_exponential_jitter(first, longest, jitter=first),
            stop=stop_after_attempt(tries),
            before_sleep=_log,
            reraise=True,
        )

    def call(self, function: Callable[[], _T], bucket: str, key: str) -> _T:
        """Call it, again while a fault may pass; StorageError or the last ClientError that its caller must judge."""
        try:
            return self._retrying.copy()(function)
        except _faults() as error:
            if code(error) in {"PreconditionFailed", "404", "NoSuchKey"}:
                raise
            raise _typed(error, bucket, key) from error


def client_config(threads: int, tries: int, **more: Any) -> Config:
    """How a client that so many threads share is set up; a call is tried so often within it."""
    from botocore.config import Config

    # botocore puts its own user agent together again for every call.
    return Config(
        max_pool_connections=threads,
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=10,
        read_timeout=60,
        user_agent="anthill",
        **more,
    )


def code(error: BaseException) -> str:
    """S3's code of an error, or the name of what happened on the way."""
    if not isinstance(error, ClientError):
        return type(error).__name__
    said = str(error.response.get("Error", {}).get("Code", ""))
    status = _status(error)
    if said == "412" or status == 412:
        return "PreconditionFailed"
    return _BY_STATUS.get(status, said) if said.isdigit() else said


def is_passing(error: BaseException) -> bool:
    """Whether the same call may work in a moment."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return False
    if isinstance(error, ClientError):
        status = _status(error)
        return code(error).removeprefix("KMS.") in _PASSING or status in _PASSING_STATUS or status >= 500
    return isinstance(error, _faults())  # connections, time-outs, half an answer


def _faults() -> tuple[type[Exception], ...]:
    """What botocore raises; its parsers, which most of this room's readers never need, are loaded for the question."""
    from botocore.parsers import ResponseParserError

    return ClientError, BotoCoreError, ResponseParserError


def _typed(error: Exception, bucket: str, key: str) -> StorageError:
    passing = is_passing(error)
    otherwise = "Retry the task; if it stays, see the health of S3" if passing else ""
    if not passing and code(error).startswith("KMS."):
        otherwise = _KMS
    advice = _ADVICE.get(code(error), otherwise)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        advice = "Give the AWS connection credentials"
    said = error.response.get("Error", {}).get("Message", "") if isinstance(error, ClientError) else str(error)
    text = f"s3://{bucket}/{key}: {code(error)}: {said}. {advice}".rstrip()
    return StorageError(text) if passing else StorageFatalError(text)


def _status(error: ClientError) -> int:
    metadata: dict[str, Any] = error.response.get("ResponseMetadata", {})
    return int(metadata.get("HTTPStatusCode", 0))


def _log(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("S3 try %d failed, next in %.1f s: %s", state.attempt_number, state.upcoming_sleep, error)
