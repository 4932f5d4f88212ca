"""The process that has everything imported and forks itself for each run: python -m local.databricks.zygote FD."""

from __future__ import annotations

import os
import signal
import socket
import sys
import warnings

from local.databricks import child, engine


def main(control_fd: int) -> None:
    """Fork a child for each connection that comes over the control socket; end when the server does."""
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    # The other thread is the allocator's own, which knows of forks; gRPC and Sail start theirs in the children.
    warnings.filterwarnings("ignore", message="This process .* is multi-threaded", category=DeprecationWarning)
    engine.preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps: the server watches each run's connection
    control = socket.socket(fileno=control_fd)
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            try:
                child.serve(socket.socket(fileno=fds[0]))
            finally:
                os._exit(0)  # gRPC's and Sail's threads are in no state for an orderly end
        os.close(fds[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
