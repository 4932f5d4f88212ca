"""A private Airflow is opened through its host: real address, real name in TLS, and a token that nobody else reads."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import os
import pty
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scripts import ui
from tests.delivery.aws import Cloud
from tests.delivery.conftest import aws  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[2]
SERVER = "anthill-dev.c2.us-east-1.airflow.amazonaws.com"
# What stands in for the AWS CLI: writes down its arguments, and forwards to a port that a test names, or to nowhere.
CLI = """#!{python}
import json, os, signal, socket, sys, threading
given = dict(zip(sys.argv[1:], sys.argv[2:]))
with open({calls!r}, "a") as calls:
    calls.write(json.dumps([os.getpid(), sys.argv[1:]]) + "\\n")
if {refuses}:
    sys.exit("An error occurred (TargetNotConnected): the host is not connected.")

def copy(one, other):
    while data := one.recv(65536):
        other.sendall(data)
    other.close()

signal.signal(signal.SIGINT, lambda *_: os._exit(0))
listening = socket.create_server(("127.0.0.1", int(json.loads(given["--parameters"])["localPortNumber"][0])))
while True:
    here, _ = listening.accept()
    there = socket.create_connection(("127.0.0.1", {to}))
    for pair in ((here, there), (there, here)):
        threading.Thread(target=copy, args=pair, daemon=True).start()
"""
BROWSER = """#!{python}
import json, pathlib, sys
page = pathlib.Path(sys.argv[-1].removeprefix("file://"))
seen = {{"arguments": sys.argv[1:], "page": page.read_text(), "mode": page.stat().st_mode & 0o777}}
pathlib.Path({seen!r}).write_text(json.dumps(seen))
{then}
"""


def script(path: Path, text: str) -> Path:
    """An executable."""
    path.write_text(text)
    path.chmod(0o755)
    return path


def plan(access: str, web_server: str) -> dict[str, Any]:
    """The values of an environment, as far as they are asked for."""
    stacks = {"network": {"access": access}, "mwaa": {"webserver_access": web_server}}
    return {"name_prefix": "anthill", "region": "us-east-1", "stacks": {"platform_development": stacks}}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A function (whether the CLI refuses, whereto it forwards) → the folder of the only tools on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(ui, "BROWSERS", ("chromium",))
    monkeypatch.delenv("CHROMIUM", raising=False)

    def made(refuses: bool = False, to: int = 9, then: str = "") -> Path:
        calls, seen = str(tmp_path / "calls.jsonl"), str(tmp_path / "seen.json")
        script(folder / "aws", CLI.format(python=sys.executable, calls=calls, refuses=refuses, to=to))
        script(folder / "session-manager-plugin", "#!/bin/sh\n")
        script(folder / "chromium", BROWSER.format(python=sys.executable, seen=seen, then=then))
        return folder

    return made


def machine(cloud: Cloud, name: str) -> str:
    """The id of a new machine of that name."""
    tags: list[Any] = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
    run = cloud.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
    return str(run["Instances"][0]["InstanceId"])


@pytest.fixture
def host(aws: Cloud) -> str:  # noqa: F811 - the fixture
    """The id of the running host, among machines that are none of ours or not running."""
    machine(aws, "anthill-prod-access")
    aws.client("ec2").terminate_instances(InstanceIds=[machine(aws, "anthill-dev-access")])
    return machine(aws, "anthill-dev-access")


def opened(monkeypatch: pytest.MonkeyPatch, access: str = "ssm", web_server: str = "PRIVATE_ONLY", *more: str) -> int:
    """Ask for dev's Airflow where its values are these."""
    monkeypatch.setattr(ui, "values", lambda file: plan(access, web_server))
    return ui.main(["--environment", "dev", *more])


def calls(tmp_path: Path) -> list[list[str]]:
    """What the CLI was called with."""
    file = tmp_path / "calls.jsonl"
    return [json.loads(line)[1] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_private_airflow_is_opened_through_its_host(
    host: str, tools: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One session to the running host, to the server's 443; the browser learns where its name leads, and the link."""
    tools()
    assert opened(monkeypatch) == 0
    (called,) = calls(tmp_path)
    assert called[:2] == ["ssm", "start-session"]
    asked = dict(zip(called[2::2], called[3::2], strict=True))
    parameters = json.loads(asked.pop("--parameters"))
    (port,) = parameters["localPortNumber"]
    assert parameters == {"host": [SERVER], "portNumber": ["443"], "localPortNumber": [port]}
    document = "AWS-StartPortForwardingSessionToRemoteHost"
    assert asked == {"--target": host, "--region": "us-east-1", "--document-name": document}
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert f"--host-resolver-rules=MAP {SERVER}:443 127.0.0.1:{port}" in seen["arguments"]
    link, _, token = seen["page"].partition("#")
    assert link.endswith(f'"https://{SERVER}/aws_mwaa/aws-console-sso?login=true')
    assert len(token := token.partition('"')[0]) >= 32
    assert seen["mode"] == 0o600
    # The page is gone with the browser, and nothing that others can read has the token: lists of processes, logs.
    assert not Path(seen["arguments"][-1].removeprefix("file://")).exists()
    written = capfd.readouterr()
    assert token not in json.dumps([called, seen["arguments"]]) + written.out + written.err
    assert not ui.listening(int(port))


def test_no_way_is_opened_where_none_is_needed(
    aws: Cloud,  # noqa: F811 - the fixture
    tools: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A public web server, and a private one in the organisation's own network, are opened directly."""
    (tools() / "aws").unlink()
    for access, web_server in (("none", "PUBLIC_ONLY"), ("transit_gateway", "PRIVATE_ONLY"), ("ssm", "PUBLIC_ONLY")):
        assert opened(monkeypatch, access, web_server) == 0
        seen = json.loads((tmp_path / "seen.json").read_text())
        assert not [word for word in seen["arguments"] if "host-resolver-rules" in word]
        assert SERVER in seen["page"]
    assert calls(tmp_path) == []


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("aws", "aws is not installed"), ("session-manager-plugin", "session-manager-plugin is not installed")],
)
def test_what_is_missing_is_named(
    host: str,
    tools: Any,
    missing: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the CLI or its plugin one sentence says which, and where it is had."""
    (tools() / missing).unlink()
    assert opened(monkeypatch) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(sentence)
    assert "https://" in said


def test_a_way_that_does_not_open_is_told(
    aws: Cloud,  # noqa: F811 - the fixture
    tools: Any,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """No way at all, no host, a refused session and a port that is taken: each in a sentence, and no token is made."""
    tools(refuses=True)
    assert opened(monkeypatch, "none") == 1
    assert f"{SERVER} is private, and there is no way" in capfd.readouterr().err
    assert opened(monkeypatch) == 1
    assert "no host anthill-dev-access runs" in capfd.readouterr().err
    machine(aws, "anthill-dev-access")
    assert opened(monkeypatch) == 1
    said = capfd.readouterr().err
    assert "TargetNotConnected" in said
    assert "opened no session: its words are above" in said
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert opened(monkeypatch, "ssm", "PRIVATE_ONLY", "--port", str(taken.getsockname()[1])) == 1
    assert "name another with PORT=" in capfd.readouterr().err
    assert not [call for call in aws.asked if "webtoken" in call]


def test_a_link_is_shown_in_a_terminal_alone(
    aws: Cloud,  # noqa: F811 - the fixture
    tools: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a browser, what is no terminal (a file, a workflow's log) gets a sentence and never the token."""
    (tools() / "chromium").unlink()
    assert opened(monkeypatch, "none", "PUBLIC_ONLY") == 1
    said = capsys.readouterr()
    assert "no terminal" in said.err
    assert "login=true" not in said.out + said.err
    assert not [call for call in aws.asked if "webtoken" in call]
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert opened(monkeypatch, "none", "PUBLIC_ONLY") == 0
    written = b""
    with suppress(OSError):  # the other side is closed
        while data := os.read(ours, 10000):
            written += data
    assert f"https://{SERVER}/aws_mwaa/aws-console-sso?login=true#" in written.decode()


def test_ctrl_c_closes_the_way(host: str, tools: Any, tmp_path: Path) -> None:
    """While the browser is open, Ctrl-C ends it, the session and the command, which succeeds."""
    tools(then="import time; time.sleep(600)")
    code = f"import sys\nfrom scripts import ui\nui.values = lambda file: {plan('ssm', 'PRIVATE_ONLY')!r}\n"
    code += "sys.exit(ui.main(['--environment', 'dev']))"
    running = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "seen.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert said.endswith("The way is closed.\n")
    number = json.loads((tmp_path / "calls.jsonl").read_text())[0]
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@contextmanager
def web_server(folder: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """A web server with TLS on a free port, and what it was asked: the name in TLS, the header, the path, the token."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SERVER)]), dt.datetime.now(dt.UTC)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = certificate.not_valid_before(now).not_valid_after(now + dt.timedelta(1))
    signed = certificate.add_extension(x509.SubjectAlternativeName([x509.DNSName(SERVER)]), False)
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    written = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    (folder / "server.pem").write_bytes(written + signed.sign(key, hashes.SHA256()).public_bytes(encoding))
    asked: dict[str, Any] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/aws_mwaa"):
                asked.update(host=self.headers["Host"], path=self.path)
                page = b"<script>fetch('/seen?' + location.origin + location.hash.replace('#', ' '))</script>"
            else:
                asked.setdefault("seen", self.path)
                page = b""
                (folder / "done").touch()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.sni_callback = lambda _, named, __: asked.update(tls=named)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()


def test_a_real_browser_meets_the_real_name(
    host: str, tools: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chromium asks the forwarded server by its own name, in TLS and in the header, without a port, with the token."""
    chromium = shutil.which("chromium", path="/usr/bin:/usr/local/bin")
    if chromium is None:
        pytest.skip("no Chromium: scripts/ensure-chromium installs one")
    with web_server(tmp_path) as (port, asked):
        folder = tools(to=port)
        # The certificate is nobody's; as root Chromium needs to be without its sandbox. Its end is that of who reads.
        options = "--headless=new --no-sandbox --ignore-certificate-errors"
        reading = f"for _ in $(seq 6000); do [ -e {tmp_path}/done ] && break; sleep 0.1; done"
        started = f'{chromium} {options} "$@" >/dev/null 2>&1 &'
        script(folder / "chromium", f"#!/bin/sh\nPATH=/usr/bin:/bin\n{started}\n{reading}\nkill $!; wait $!\n")
        assert opened(monkeypatch) == 0
        assert asked["tls"] == asked["host"] == SERVER
        assert asked["path"] == "/aws_mwaa/aws-console-sso?login=true"
        origin, _, token = asked["seen"].removeprefix("/seen?").partition("%20")
        assert origin == f"https://{SERVER}"
        assert len(token) >= 32
