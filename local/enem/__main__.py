"""Runs the server: `python -m local.enem --help`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import cast, get_args

from local import whole_file
from local.enem import archive, certificates
from local.enem.server import FOLDER, Server


def parser() -> argparse.ArgumentParser:
    """The command line."""
    commands = argparse.ArgumentParser(
        "python -m local.enem",
        description="Serves synthetic editions of ENEM's open files, over HTTP with ranges.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    commands.add_argument("--host", default="127.0.0.1", help="address to listen on")
    commands.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    commands.add_argument("--port-file", type=Path, help="file to write the port to once requests are taken")
    commands.add_argument(
        "--folder", type=Path, help="folder that keeps the zips, for later servers too; else a new one"
    )
    commands.add_argument(
        "--editions", default="2019:open,2024:split", help="YEAR:FORM,…; forms: " + ", ".join(get_args(archive.Form))
    )
    commands.add_argument("--rows", type=int, default=10_000, help="candidates of an edition")
    commands.add_argument("--seed", type=int, default=0, help="what the candidates grow from")
    commands.add_argument("--drops-after", type=int, help="close each connection after so many bytes of a body")
    commands.add_argument(
        "--tls", action="store_true", help="serve HTTPS with a certificate between missing: root.pem, between.pem"
    )
    return commands


def main() -> int:
    """Makes the zips that are not there, listens, then serves until it is told to stop."""
    asked = parser().parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="enem-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for edition in asked.editions.split(","):
            year, _, form = edition.partition(":")
            if form not in get_args(archive.Form) or not year.isdigit():
                raise ValueError(f"{edition!r} is no edition: YEAR:FORM, as 2019:open")
            path = folder / f"microdados_enem_{year}.zip"
            if not path.exists():
                archive.write(path, int(year), cast("archive.Form", form), asked.rows, asked.seed)
        tls = certificates.make(folder) if asked.tls else None
        server = Server(folder, asked.host, asked.port, tls)
    except (OSError, ValueError) as error:
        print(f"local.enem: {error}", file=sys.stderr)
        return 2
    server.drops_after = asked.drops_after
    if asked.port_file:
        whole_file.write(asked.port_file, server.url.rpartition(":")[2])
    print(f"ENEM's files in {folder} on {server.url}{FOLDER}", flush=True)
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
