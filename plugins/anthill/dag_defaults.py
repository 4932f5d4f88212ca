"""What every task of ours is given: how it is tried again, and what remembers why it failed."""

from __future__ import annotations

import datetime as dt

from anthill.alerts import failure

DEFAULT_ARGS = {
    "retries": 3,
    "retry_delay": dt.timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": dt.timedelta(minutes=30),
    "on_failure_callback": failure.remember,
    "on_retry_callback": failure.say,
}
