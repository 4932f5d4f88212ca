"""Where a recorder's images lie: a release is a tag that never means another image, and each is scanned once pushed."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from delivery.errors import DeliveryError

DOCKERFILE = "containers/recorder/Dockerfile"
_ENDED = {"COMPLETE", "ACTIVE"}  # of a scan; the second is that of a registry which scans again and again


class Repository:
    """One repository of ECR, by a client of it."""

    def __init__(self, client: Any, name: str, say: Callable[[str], None], *, poll: float = 10) -> None:
        self.client, self.name, self.say, self.poll = client, name, say, poll

    def image(self, tag: str, patience: float = 0) -> str:
        """The image of a release by its digest, as a task names it; waits so many seconds for its push."""
        uri, end = self._uri(), time.monotonic() + patience
        while (found := self.digest(tag)) is None:
            if time.monotonic() > end:
                raise DeliveryError(
                    f"{self.name} has no image {tag}: the workflow Release pushes one, or make recorder-push"
                )
            time.sleep(self.poll)
        return f"{uri}@{found}"

    def digest(self, tag: str) -> str | None:
        """What a tag means; None where it is not there."""
        try:
            answer = self.client.describe_images(repositoryName=self.name, imageIds=[{"imageTag": tag}])
        except self.client.exceptions.ImageNotFoundException:
            return None
        (detail,) = answer["imageDetails"]
        return str(detail["imageDigest"])

    def push(self, tag: str, root: Path, tool: str, patience: float = 900) -> str:
        """Build this checkout's image and push it as a release, unless it is there; DeliveryError if critical."""
        uri = f"{self._uri()}:{tag}"
        if self.digest(tag) is None:
            self._run(tool, "login", "--username", "AWS", "--password-stdin", uri.split("/")[0], given=self._password())
            self._run(
                tool, "build", "--platform", "linux/amd64", "--file", str(root / DOCKERFILE), "--tag", uri, str(root)
            )
            self._run(tool, "push", uri)
        else:
            self.say(f"{tag} is there already")
        image = self.image(tag)
        self.say(f"{image}: {self._scanned(image.partition('@')[2], patience)}")
        return image

    def _scanned(self, digest: str, patience: float) -> str:
        """What is known to be wrong with an image, once its scan has ended."""
        end = time.monotonic() + patience
        while True:
            asked = {"repositoryName": self.name, "imageId": {"imageDigest": digest}}
            try:
                answer = self.client.describe_image_scan_findings(**asked)
            except self.client.exceptions.ScanNotFoundException:
                answer = {"imageScanStatus": {"status": "PENDING"}}  # the push has just ended
            status = answer["imageScanStatus"]
            if status["status"] in _ENDED:
                break
            if status["status"] == "FAILED" or time.monotonic() > end:
                said = status.get("description", "it takes longer than anybody waited")
                raise DeliveryError(
                    f"{self.name}@{digest} is pushed and not scanned ({said}): run the same command again"
                )
            time.sleep(self.poll)
        found = answer["imageScanFindings"]
        counts = found.get("findingSeverityCounts", {})
        if counts.get("CRITICAL"):
            named = [each["name"] for each in found.get("findings", []) if each["severity"] == "CRITICAL"]
            raise DeliveryError(
                f"{self.name}@{digest} has {counts['CRITICAL']} critical findings: {', '.join(named) or 'see ECR'}. "
                f"Nothing runs it. Take a newer base image (make images), and make another release"
            )
        return (
            ", ".join(f"{count} {severity.lower()}" for severity, count in sorted(counts.items())) or "nothing is known"
        )

    def _uri(self) -> str:
        """The repository's address."""
        try:
            (found,) = self.client.describe_repositories(repositoryNames=[self.name])["repositories"]
        except self.client.exceptions.RepositoryNotFoundException:
            raise DeliveryError(
                f"there is no repository {self.name}: make terraform STACK=platform_development/recorder DO=apply"
            ) from None
        return str(found["repositoryUri"])

    def _password(self) -> str:
        (given,) = self.client.get_authorization_token()["authorizationData"]
        return base64.b64decode(given["authorizationToken"]).decode().partition(":")[2]

    def _run(self, *command: str, given: str = "") -> None:
        """A command of the container tool, which is told the password by its input alone."""
        self.say(" ".join(command[:2]))
        try:
            done = subprocess.run(command, input=given, text=True, check=False)
        except FileNotFoundError as error:
            raise DeliveryError(
                f"there is no {command[0]} here: set CONTAINER_TOOL to docker, podman or a like one"
            ) from error
        if done.returncode:
            raise DeliveryError(f"{' '.join(command[:2])} ended with {done.returncode}; what it said stands above")
