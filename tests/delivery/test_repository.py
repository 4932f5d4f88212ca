"""A release's image is pushed once, refused where its scan is critical; moto's ECR, a container tool by a script."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from delivery.errors import DeliveryError
from delivery.repository import Repository
from tests.delivery.aws import Cloud

ROOT = Path(__file__).parents[2]
NAME = "anthill-dev-recorder"
# What docker does as a registry sees it: signs in by what stands on its input, builds from a file, pushes a tag.
TOOL = f"""#!{sys.executable}
import json, os, sys
import boto3
told, (verb, *given) = os.environ["TOLD"], sys.argv[1:]
with open(told, "a") as log:
    log.write(json.dumps([verb, *given, sys.stdin.read() if verb == "login" else ""]) + "\\n")
if verb == os.environ.get("FAILS"):
    sys.exit(3)
if verb == "build":
    assert os.path.isfile(given[given.index("--file") + 1]), given
if verb == "push":
    name, _, tag = given[0].partition("/")[2].partition(":")
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {{"schemaVersion": 2, "mediaType": kind, "config": {{"digest": tag}}}}
    boto3.client("ecr").put_image(repositoryName=name, imageTag=tag, imageManifest=json.dumps(manifest))
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script, and where it tells what it was asked."""
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    path = tmp_path / "docker"
    path.write_text(TOOL)
    path.chmod(0o755)
    return path


@pytest.fixture
def repository(aws: Cloud, said: list[str]) -> Any:
    """The repository as Terraform makes it."""
    client = aws.client("ecr")
    client.create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    yield Repository(client, NAME, said.append, poll=0)
    client.delete_repository(repositoryName=NAME, force=True)


def asked(tmp_path: Path) -> list[list[str]]:
    """What the tool was asked, in order."""
    path = tmp_path / "told"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def scanned(url: str, repository: Repository, tag: str, counts: dict[str, int], status: str = "COMPLETE") -> None:
    """What ECR will say of an image's scan, by the digest of what the tool pushes."""
    findings = [{"name": f"CVE-2026-{n}", "severity": kind} for kind, count in counts.items() for n in range(count)]
    answer = {
        "imageScanFindings": {"findingSeverityCounts": counts, "findings": findings},
        "repositoryName": NAME,
        "imageId": {"imageDigest": repository.digest(tag)},
        "imageScanStatus": {"status": status, "description": "unsupported image"},
    }
    given = {"results": [answer], "region": "us-east-1"}
    assert requests.post(f"{url}/moto-api/static/ecr/scan-finding-results", json=given, timeout=60).ok


def pushed(aws: Cloud, repository: Repository, tag: str, counts: dict[str, int], status: str = "COMPLETE") -> None:
    """An image that lies there already."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": tag}}
    aws.client("ecr").put_image(repositoryName=NAME, imageTag=tag, imageManifest=json.dumps(manifest))
    aws.client("ecr").start_image_scan(repositoryName=NAME, imageId={"imageTag": tag})  # by itself on the push, at AWS
    scanned(aws.url, repository, tag, counts, status)


def test_an_image_is_built_from_its_dockerfile_and_pushed_as_the_release(
    aws: Cloud, repository: Repository, tool: Path, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed in by the password's input and never by an argument; a task is given the digest of what was pushed."""
    monkeypatch.setattr(repository, "_scanned", lambda digest, patience: "1 low")
    image = repository.push("v1.4.0", ROOT, str(tool))
    login, build, push = asked(tmp_path)
    uri = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}:v1.4.0"
    assert login[:-1] == ["login", "--username", "AWS", "--password-stdin", uri.split("/")[0]]
    assert login[-1]
    assert login[-1] not in " ".join(said)
    assert build[:-1] == [
        *("build", "--platform", "linux/amd64", "--file", str(ROOT / "containers/recorder/Dockerfile")),
        *("--tag", uri, str(ROOT)),
    ]
    assert push[:-1] == ["push", uri]
    (there,) = aws.client("ecr").batch_get_image(repositoryName=NAME, imageIds=[{"imageTag": "v1.4.0"}])["images"]
    assert image == f"{uri.removesuffix(':v1.4.0')}@{there['imageId']['imageDigest']}"
    assert said[-1] == f"{image}: 1 low"


def test_a_release_is_pushed_once(
    aws: Cloud, repository: Repository, tool: Path, tmp_path: Path, said: list[str]
) -> None:
    """The same command again builds nothing: it looks at the scan of what lies there."""
    pushed(aws, repository, "v1.4.0", {"HIGH": 2, "LOW": 1})
    image = repository.push("v1.4.0", ROOT, str(tool))
    assert asked(tmp_path) == []
    assert said == ["v1.4.0 is there already", f"{image}: 2 high, 1 low"]


def test_a_critical_finding_fails_the_push(aws: Cloud, repository: Repository, tool: Path) -> None:
    """Named, with what to do."""
    pushed(aws, repository, "v1.4.0", {"CRITICAL": 2})
    with pytest.raises(DeliveryError, match=r"has 2 critical findings: CVE-2026-0, CVE-2026-1\. Nothing runs it"):
        repository.push("v1.4.0", ROOT, str(tool))


@pytest.mark.parametrize(("status", "patience"), [("FAILED", 900), ("IN_PROGRESS", 0)])
def test_an_image_without_a_scan_is_not_let_through(
    aws: Cloud, repository: Repository, tool: Path, status: str, patience: float
) -> None:
    """One that failed, at once, and one that does not end."""
    pushed(aws, repository, "v1.4.0", {}, status)
    with pytest.raises(DeliveryError, match="is pushed and not scanned"):
        repository.push("v1.4.0", ROOT, str(tool), patience)


def test_a_push_that_fails_says_which_step(repository: Repository, tool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a machine without the tool, which one to name."""
    monkeypatch.setenv("FAILS", "build")
    with pytest.raises(DeliveryError, match="docker build ended with 3"):
        repository.push("v1.4.0", ROOT, str(tool))
    assert repository.digest("v1.4.0") is None
    with pytest.raises(DeliveryError, match="there is no no-docker here: set CONTAINER_TOOL"):
        repository.push("v1.4.0", ROOT, "no-docker")


def test_an_image_that_is_not_there_is_told(repository: Repository, aws: Cloud) -> None:
    """Of a release that was never pushed, and where there is no repository."""
    with pytest.raises(DeliveryError, match=r"has no image v9: the workflow Release pushes one"):
        repository.image("v9")
    with pytest.raises(DeliveryError, match="there is no repository other: make terraform STACK=platform_"):
        Repository(aws.client("ecr"), "other", print).push("v9", ROOT, "no-docker")
