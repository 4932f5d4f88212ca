"""Start the workspace: python -m local.databricks --help."""

from __future__ import annotations

import argparse
import logging
import os
import re
import socket
import sys
from pathlib import Path

import uvicorn

from local import hosts, whole_file
from local.databricks import account
from local.databricks.app import Settings, build
from local.databricks.bundle import BundleError

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.databricks", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="written with the port once the workspace answers")
    parser.add_argument("--public-url", help="what run_page_url begins with; by default the address listened on")
    parser.add_argument("--state", type=Path, required=True, help="folder of the workspace's own state")
    parser.add_argument("--bundle", type=Path, help="folder of databricks.yml, whose jobs are served")
    parser.add_argument("--target", default="dev", help="the bundle's target")
    parser.add_argument("--account", type=Path, default=account.FILE, help="YAML file of who there is")
    parser.add_argument("--catalog", default="dev", help="name of the catalog")
    parser.add_argument("--schema", action="append", default=[], metavar="NAME=LOCATION", help="may be given again")
    parser.add_argument("--location", action="append", default=[], metavar="NAME=PATH", help="may be given again")
    parser.add_argument("--s3-endpoint", help="address of S3; credentials are AWS_* variables")
    parser.add_argument("--python-path", action="append", default=[], help="on sys.path of notebooks")
    parser.add_argument("--kernels", type=int, default=2, help="notebooks and statements that run at a time")
    parser.add_argument("--faults", type=Path, help="YAML file of faults to answer with")
    return parser.parse_args()


def _schemas(given: list[str]) -> dict[str, str]:
    pairs = [item.partition("=") for item in given]
    for name, _, location in pairs:
        if not _NAME.fullmatch(name) or not location or "'" in location or "\\" in location:
            sys.exit(f"--schema takes NAME=LOCATION, a name of letters, digits and underscores, not {name!r}.")
    return {name: location for name, _, location in pairs}


class _Server(uvicorn.Server):
    """Tells its port once it answers."""

    def __init__(self, config: uvicorn.Config, port_file: Path | None, port: int) -> None:
        super().__init__(config)
        self._port_file, self._port = port_file, port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._port_file is not None and self.started:
            whole_file.write(self._port_file, str(self._port))


def main() -> None:
    """Serve until a signal comes."""
    given = _arguments()
    if not _NAME.fullmatch(given.catalog):
        sys.exit(f"--catalog takes a name of letters, digits and underscores, not {given.catalog!r}.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((given.host, given.port))
    except OSError as error:
        sys.exit(f"Port {given.port} of {given.host} cannot be listened on: {error.strerror}. Choose another --port.")
    port = listener.getsockname()[1]
    settings = Settings(
        state=given.state,
        base_url=(given.public_url or f"http://{given.host}:{port}").rstrip("/"),
        catalog=given.catalog,
        schemas=_schemas(given.schema),
        locations={name: path for name, _, path in (item.partition("=") for item in given.location)},
        bundle=given.bundle.resolve() if given.bundle else None,
        target=given.target,
        s3_endpoint=given.s3_endpoint,
        python_path=tuple(str(Path(p).resolve()) for path in given.python_path for p in path.split(os.pathsep)),
        kernels=given.kernels,
        faults=given.faults,
        account=given.account,
    )
    try:
        app = build(settings)
    except BundleError as error:
        sys.exit(f"The bundle cannot be served: {error}")
    # asyncio's own loop: the kernels' connections are sockets made here, whose descriptors it alone then owns.
    config = uvicorn.Config(
        hosts.own(app, given.host), loop="asyncio", log_level="warning", timeout_graceful_shutdown=2, lifespan="on"
    )
    _Server(config, given.port_file, port).run(sockets=[listener])


if __name__ == "__main__":
    main()
