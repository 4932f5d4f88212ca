"""The lock files: made by the real Terraform from a scripted mirror of providers, and asked for before a plan."""

import datetime as dt
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from terraform.lock import FILE, PLATFORMS, locked
from terraform.providers import TREE, required

# What the mirror has: of each provider something older than versions.tf allows, or newer, and what it takes.
VERSIONS = {
    "hashicorp/aws": ("4.67.0", "6.70.0", "7.0.0"),
    "hashicorp/time": ("0.9.0", "0.13.9", "1.0.0"),
    "databricks/databricks": ("1.99.0", "1.140.0", "2.0.0"),
}
PLACE = re.compile(r"/registry\.terraform\.io/([\w-]+/[\w-]+)/(?:(index|[\d.]+)\.json|([\d.]+_\w+)\.zip)")


class Mirror(BaseHTTPRequestHandler):
    """Terraform's protocol of network mirrors: versions, archives of a version, and the archives."""

    def do_GET(self) -> None:
        """Answer one request."""
        match = PLACE.fullmatch(self.path)
        if match is None:
            self.send_error(404)
            return
        address, listed, archive = match.groups()
        if archive:
            body = io.BytesIO()
            with zipfile.ZipFile(body, "w") as file:
                file.writestr(f"terraform-provider-{address.split('/')[1]}_v{archive}", f"{address} {archive}")
            answer = body.getvalue()
        elif listed == "index":
            answer = json.dumps({"versions": {version: {} for version in VERSIONS[address]}}).encode()
        else:
            archives = {platform: {"url": f"{listed}_{platform}.zip"} for platform in PLATFORMS}
            answer = json.dumps({"archives": archives}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/zip" if archive else "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, by itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1)
    )
    there = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(there, critical=True).sign(key, hashes.SHA256())
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(*plain))
    return files


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a mirror on this machine, whose certificate Terraform believes."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    certificate, key = certified(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", os.devnull)
    yield f"https://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout's Terraform with no lock file."""
    ignored = shutil.ignore_patterns(".terraform*", "__pycache__")
    return Path(shutil.copytree(TREE, tmp_path / "terraform", ignore=ignored))


def made(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command in that checkout."""
    command = [sys.executable, "-m", "terraform.lock", *options]
    return subprocess.run(command, cwd=tree.parent, capture_output=True, text=True, check=False)


def test_every_root_is_locked_for_every_platform(tree: Path, mirror: str) -> None:
    """Each root's file has its providers and no others, the newest that versions.tf allows, a hash a platform."""
    done = made(tree, "--mirror", mirror)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(locked(tree))
    for folder in locked(tree):
        text = (folder / FILE).read_text()
        blocks = dict(re.findall(r'provider "registry\.terraform\.io/([\w/-]+)" \{\n(.*?)\n\}', text, re.DOTALL))
        # A stack has the providers of the modules that it calls, too: versions.tf names them.
        assert set(blocks) - {"hashicorp/terraform"} == set(required(folder)), folder
        for address, block in blocks.items():
            assert f'version     = "{VERSIONS[address][1]}"' in block
            assert len(set(re.findall(r'"h1:[^"]+"', block))) == len(PLATFORMS)
    assert not list(tree.rglob(".terraform")), "Terraform's own folder is left in the tree"


def test_what_cannot_be_reached_is_said(tree: Path, mirror: str) -> None:
    """A mirror that has nothing ends the command with the root's name and Terraform's words."""
    done = made(tree, "--mirror", f"{mirror}nothing/")
    assert done.returncode == 1
    assert done.stderr.startswith("bootstrap: ")
    assert "hashicorp/aws" in done.stderr


def test_git_takes_the_files() -> None:
    """No rule of .gitignore hides a lock file: they are reviewed as code is."""
    files = [str(folder / FILE) for folder in locked()]
    done = subprocess.run(["git", "check-ignore", *files], cwd=TREE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_of_the_files_in_git_none_is_missing_or_half() -> None:
    """As long as no registry was reached there are none; with the first, every root has its own, for every platform."""
    there = [folder / FILE for folder in locked() if (folder / FILE).exists()]
    assert len(there) in (0, len(locked()))
    for file in there:
        for block in re.findall(r"hashes = \[(.*?)\]", file.read_text(), re.DOTALL):
            assert block.count('"h1:') >= len(PLATFORMS), f"{file}: run `make terraform-lock`"
