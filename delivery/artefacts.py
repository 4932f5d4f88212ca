"""What is delivered to MWAA: files by their key in the environment's bucket, and where their bytes come from."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.errors import DeliveryError

DAGS = "dags/"
CONSTRAINTS = "dags/constraints.txt"
PLUGINS, REQUIREMENTS, STARTUP = "plugins.zip", "requirements.txt", "startup.sh"
VERSIONED = (PLUGINS, REQUIREMENTS, STARTUP)  # MWAA reads the version that the environment names
MANIFEST = "manifest.json"


def sha256(data: bytes) -> str:
    """The checksum as S3 writes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@dataclass(frozen=True)
class Artefacts:
    """Checksums by key, the bytes on demand, and what the environment must have afterwards."""

    commit: str
    version: str
    files: Mapping[str, str]  # key → sha256
    dags: tuple[str, ...]  # the ids that the files declare
    pools: Mapping[str, Any]
    read: Callable[[str], bytes] = field(compare=False, repr=False)
    changed: bool = False  # whether it holds what no commit holds
    versions: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # key → object version, of what was delivered before

    def name(self) -> str:
        """What people call it."""
        return f"{self.version} ({self.commit[:12]}{' with changes' if self.changed else ''})"

    def document(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {
            "version": self.version,
            "commit": self.commit,
            "changed": self.changed,
            "files": dict(sorted(self.files.items())),
            "dags": sorted(self.dags),
            "pools": self.pools,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any], read: Callable[[str], bytes]) -> Artefacts:
        """What a manifest describes."""
        return cls(
            commit=document["commit"],
            version=document["version"],
            files=document["files"],
            dags=tuple(document["dags"]),
            pools=document["pools"],
            read=read,
            changed=document["changed"],
            versions=document.get("versions", {}),
        )

    @classmethod
    def packed(cls, folder: Path) -> Artefacts:
        """What `make package` left in a folder, each file compared with its manifest."""
        try:
            document = json.loads((folder / MANIFEST).read_text())
        except FileNotFoundError:
            raise DeliveryError(f"{folder} holds no package: make one with `make package OUT={folder}`") from None
        found = cls.of(document, lambda key: (folder / key).read_bytes())
        for key, wanted in found.files.items():
            if not (folder / key).is_file() or sha256(found.read(key)) != wanted:
                raise DeliveryError(f"{folder / key} is not what {MANIFEST} says: make the package again")
        return found
