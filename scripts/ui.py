"""Open the way to an environment's Airflow and sign in as who asks; Ctrl-C closes it.

A private web server is reached through the host of `modules/access`, which Systems Manager forwards through. The
browser is told where the server's name leads, so that address and certificate are the real ones; nothing on the machine
is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from scripts import workflow
from scripts.configuration import ROOT, values
from terraform.root import VALUES, environments

DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
NO_PLUGIN = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
)


class WayError(RuntimeError):
    """Airflow cannot be reached; the message says what to do."""


class Environment:
    """An environment's MWAA and the host before it, by the session of who asks."""

    def __init__(self, environment: str) -> None:
        import boto3

        shared = values(ROOT / "terraform/environments" / environment / VALUES)
        stacks = shared["stacks"]["platform_development"]
        self.public = stacks["mwaa"]["webserver_access"] == "PUBLIC_ONLY"
        self.access = stacks["network"].get("access", "none")
        self.name, self.region = f"{shared['name_prefix']}-{environment}", shared["region"]
        self._mwaa = boto3.client("mwaa", region_name=self.region)
        self._ec2 = boto3.client("ec2", region_name=self.region)

    def web_server(self) -> str:
        """The name of the web server."""
        return str(self._mwaa.get_environment(Name=self.name)["Environment"]["WebserverUrl"])

    def host(self) -> str:
        """The running host of the way, by its name."""
        wanted = {"tag:Name": f"{self.name}-access", "instance-state-name": "running"}
        filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
        found = [i for r in self._ec2.describe_instances(Filters=filters)["Reservations"] for i in r["Instances"]]
        if not found:
            raise WayError(f'no host {self.name}-access runs: apply the stack network with `access = "ssm"`')
        return str(found[0]["InstanceId"])

    def link(self) -> str:
        """What signs in who opens it within a minute, once: never to be written down."""
        token = self._mwaa.create_web_login_token(Name=self.name)
        return f"https://{token['WebServerHostname']}/aws_mwaa/aws-console-sso?login=true#{token['WebToken']}"


@contextmanager
def forwarded(environment: Environment, server: str, port: int, patience: float) -> Iterator[None]:
    """The web server's port 443 at a port of this machine, for as long as the context lasts."""
    for command, page in (("aws", "https://aws.amazon.com/cli"), ("session-manager-plugin", NO_PLUGIN)):
        if not shutil.which(command):
            raise WayError(f"{command} is not installed, which opens the way: {page}")
    asked = {"host": [server], "portNumber": ["443"], "localPortNumber": [str(port)]}
    target = ("--target", environment.host(), "--region", environment.region)
    command = ["aws", "ssm", "start-session", *target, "--document-name", DOCUMENT, "--parameters", json.dumps(asked)]
    # In a group of their own: the CLI is deaf to Ctrl-C while its plugin runs, and the plugin outlives it.
    session = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + patience
        while not listening(port):
            if session.poll() is not None:
                raise WayError("Systems Manager opened no session: its words are above")
            if time.monotonic() > deadline:
                raise WayError(f"Systems Manager opened no session within {patience:.0f} seconds")
            time.sleep(0.2)
        yield
    finally:
        ended(session)


def ended(session: subprocess.Popen[bytes]) -> None:
    """End a session as Ctrl-C does, which its service hears of; one that does not end is killed."""
    for sent, seconds in ((signal.SIGINT, 10), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError):
            os.killpg(session.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            session.wait(seconds)
            return


def listening(port: int) -> bool:
    """Whether something answers at a port of this machine."""
    with socket.socket() as tried:
        tried.settimeout(1)
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free(port: int) -> int:
    """A port of this machine that nobody has; WayError where somebody has the one that was named."""
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise WayError(f"port {port}: {error.strerror}; name another with PORT=") from None
        return int(tried.getsockname()[1])


def browser() -> str | None:
    """A browser that can be told where a name leads; None where there is none."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *BROWSERS)))), None)


def browse(program: str, link: str, rules: list[str]) -> None:
    """Show the link until the browser is closed; by a file of who asks, since anybody may read a command line."""
    with tempfile.TemporaryDirectory(prefix="anthill-ui-") as home:
        page = Path(home, "sign-in.html")
        page.touch(mode=0o600)
        page.write_text(f"<script>location.replace({json.dumps(link)})</script>")
        # With a profile of its own: a browser that runs already would not hear the rules.
        command = [program, f"--user-data-dir={home}/profile", "--no-first-run", *rules, page.as_uri()]
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def told(link: str, rules: list[str]) -> None:
    """Print the link for a browser that this machine does not start, and keep the way open."""
    print(
        f"Open this within a minute{', by Chromium, Chrome or Edge with ' + repr(rules[0]) if rules else ''}:\n{link}"
    )
    while rules:
        time.sleep(3600)


def open_airflow(environment: Environment, port: int, patience: float) -> None:
    """Sign in, through the way where the web server is private."""
    server, program = environment.web_server(), browser()
    if environment.access == "none" and not environment.public:
        raise WayError(f"{server} is private, and there is no way: set `access` of network in {VALUES} and apply it")
    if program is None and not sys.stdout.isatty():
        raise WayError("no Chromium, Chrome or Edge is here ($CHROMIUM names one), and no terminal to show a link in")
    through = environment.access == "ssm" and not environment.public
    port = free(port) if through else port
    rules = [f"--host-resolver-rules=MAP {server}:443 127.0.0.1:{port}"] if through else []
    with forwarded(environment, server, port, patience) if through else nullcontext():
        print(f"Airflow of {environment.name}: https://{server}", flush=True)
        if program:
            browse(program, environment.link(), rules)
        else:
            told(environment.link(), rules)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when whoever asked has closed the browser, or the way."""
    import botocore.exceptions

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", choices=environments(), required=True)
    parser.add_argument("--port", type=int, default=0, help="of this machine; else any that is free")
    parser.add_argument("--patience", type=float, default=60, help="seconds until the way must be open")
    asked = parser.parse_args(arguments)
    try:
        open_airflow(Environment(asked.environment), asked.port, asked.patience)
    except (WayError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        return workflow.fail(str(error))
    except KeyboardInterrupt:
        print("\nThe way is closed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
