"""The emulated AWS: moto's server, and beside it what moto lacks.

`python -m terraform.rehearsal.aws --port-file FILE --account 111111111111 --region us-east-1`: on a free loopback port.
"""

import argparse
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from terraform.rehearsal import gaps
from terraform.rehearsal.mwaa import Mwaa

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def application(account: str, region: str) -> WsgiApp:
    """One WSGI application for every service, chosen by the credential scope of the signature."""
    os.environ["MOTO_ACCOUNT_ID"] = account  # read when moto is imported
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    moto = DomainDispatcherApplication(create_backend_app)
    gaps.fill()
    mwaa, metrics = Mwaa(account, region), gaps.BucketMetrics()

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
        service = scope[1] if scope else ""
        if service == "airflow":
            return mwaa(environ, start)
        if service == "s3" and metrics.asked(environ):
            return metrics(environ, start)
        answer: Iterable[bytes] = moto(environ, start)
        return answer

    return serve


def main() -> None:
    """Serve until killed; the port is written to the file once it listens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--region", required=True)
    args = parser.parse_args()

    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, application(args.account, args.region), threaded=True)
    args.port_file.with_suffix(".part").write_text(str(server.port))
    args.port_file.with_suffix(".part").rename(args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
