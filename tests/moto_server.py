"""An AWS for tests: moto over HTTP on a free port, as strict as S3 with those who write at the same moment."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

_CONDITIONAL = ("put_object", "delete_object", "_key_response_post")
_one = threading.RLock()


def _in_one_step(write: Callable[..., Any]) -> Callable[..., Any]:
    """A write that looks whether its condition holds, and writes, before another one looks."""

    @functools.wraps(write)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with _one:
            return write(*args, **kwargs)

    return locked


for _name in _CONDITIONAL:
    # moto looks first and writes later: of two that write at once both find nothing there, and both are told "done".
    setattr(S3Response, _name, _in_one_step(getattr(S3Response, _name)))


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    """Its address, while it runs; what it holds is the process's, so that names must be a test's own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
