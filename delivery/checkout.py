"""The repository that is delivered from: its commit, and the files that git knows or would take."""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from delivery.errors import DeliveryError

DELIVERED = ("dags", "plugins", "include", "requirements.txt", "delivery/startup.sh")


@dataclass(frozen=True)
class Checkout:
    """A git working tree; what is ignored in it is never delivered."""

    root: Path

    def files(self, folder: str) -> list[str]:
        """The paths under a folder, as seen from it, sorted by their bytes."""
        listed = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder).split("\0")
        found = [name.removeprefix(f"{folder}/") for name in listed if name and (self.root / name).is_file()]
        return sorted(found, key=str.encode)

    def read(self, path: str) -> bytes:
        """The bytes of one file."""
        return (self.root / path).read_bytes()

    def commit(self) -> str:
        """The commit that is checked out."""
        return self._git("rev-parse", "HEAD").strip()

    def commit_of(self, name: str) -> str | None:
        """The commit that a tag, branch or abbreviation names here; None where it names nothing."""
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
        except DeliveryError:
            return None

    def changed(self) -> bool:
        """Whether anything delivered differs from the commit."""
        return bool(self._git("status", "--porcelain", "--", *DELIVERED).strip())

    def version(self) -> str:
        """The package's version."""
        project = tomllib.loads(self.read("pyproject.toml").decode())["project"]
        return str(project["version"])

    def _git(self, *arguments: str) -> str:
        try:
            done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        except FileNotFoundError:
            raise DeliveryError("git is not installed: it says which files belong to the commit") from None
        except subprocess.CalledProcessError as error:
            raise DeliveryError(f"git {arguments[0]} in {self.root}: {error.stderr.strip()}") from error
        return done.stdout
