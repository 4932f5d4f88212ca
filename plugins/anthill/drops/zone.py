"""The bucket of dropped files: what waits below `input/`, and the answers below `output/`.

A listing is the truth: whatever lies there and has no answer waits, however many messages told of it, or none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from anthill.bronze import written_once
from anthill.bronze.commits import S3Client, base64_sha256, quoted
from anthill.bronze.storage import Patience

INPUT, OUTPUT = "input/", "output/"
_ANSWER = "answer.json"
_NOWHERE = "_refused"  # below which lie answers about files in no dataset's folder
_LONGEST = 300  # characters of a name in a key, of which S3 takes 1,024


class Dropped(msgspec.Struct, frozen=True):
    """A version of a file below `input/`; `modified` in UTC, `newest` unless another one has come since."""

    key: str
    version: str
    size: int
    modified: dt.datetime
    newest: bool = True

    @property
    def place(self) -> tuple[str, str, str] | None:
        """Asset class, dataset and name; None where it lies in no folder of a dataset."""
        asset_class, _, rest = self.key.removeprefix(INPUT).partition("/")
        dataset, _, name = rest.partition("/")
        return (asset_class, dataset, name) if name else None

    @property
    def folder(self) -> str:
        """Where its answer lies: by its name, its moment and its version."""
        asset_class, dataset, name = self.place or (_NOWHERE, "", self.key.removeprefix(INPUT))
        words = [_word(each) for each in (asset_class, dataset, name) if each]
        mark = hashlib.sha256(self.version.encode()).hexdigest()[:8]
        return f"{OUTPUT}{'/'.join(words)}/{self.modified:%Y%m%dT%H%M%SZ}-{mark}/"

    @property
    def odd(self) -> str:
        """What is wrong about its name; "" for one that may be taken."""
        name = (self.place or ("", "", self.key))[2]
        if not name.isprintable():
            return "its name has characters that cannot be seen"
        if "/" in name or set(name) == {"."}:
            return "it lies in a folder of its own: put it right into its dataset's"
        if len(quote(name, safe="")) > _LONGEST:
            return f"its name takes more than {_LONGEST} characters in a URL"
        return "" if name.lower().endswith(".csv") else "its name does not end with .csv"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file: `accepted`, `refused`, a `copy` of a file that was taken, or `superseded` by a later one.

    `rows` are those of the file: accepted, the same as another of its key, or quarantined. `files` are the SHA-256 of
    what lies beside this answer.
    """

    file: str
    version: str
    dropped: dt.datetime
    outcome: str
    why: str = ""
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    sha256: str = ""
    bronze: str = ""
    files: Mapping[str, str] = {}


class Zone:
    """The bucket; what is put below `output/` is written once, a file's answer last."""

    def __init__(self, s3: S3Client, bucket: str, patience: Patience | None = None) -> None:
        self._s3, self._bucket, self._patience = s3, bucket, patience or Patience()

    def waiting(self) -> list[Dropped]:
        """Every version of a file that is there and has no answer, the oldest first."""
        found = self._patience.call(lambda: list(self._versions()), self._bucket, INPUT)
        answered = self._patience.call(lambda: set(self._answered()), self._bucket, OUTPUT)
        waiting = [each for each in found if each.folder not in answered]
        return sorted(waiting, key=lambda each: (each.modified, each.newest, each.key))

    def answer(self, dropped: Dropped, answer: Answer, files: Iterable[Path] = ()) -> Answer:
        """Put files, each under a name with its digest, then the answer that names them; the one that is there."""
        told = {}
        for file in files:
            body = file.read_bytes()
            sha256 = hashlib.sha256(body).hexdigest()
            name = f"{file.stem}-{sha256[:8]}{file.suffix}"
            self._put(f"{dropped.folder}{name}", body, sha256)
            told[name] = sha256
        whole = msgspec.structs.replace(answer, files=told)
        body, key = msgspec.json.format(msgspec.json.encode(whole), indent=2), f"{dropped.folder}{_ANSWER}"
        written_once.put(self._s3, self._bucket, key, body, self._patience)
        return whole

    def claim(self, asset_class: str, dataset: str, digest: str, name: str) -> str:
        """The name under which these very rows came first, which is this one where they never came."""
        key = f"claims/{asset_class}/{dataset}/{digest}.json"
        if written_once.put(self._s3, self._bucket, key, msgspec.json.encode(name), self._patience):
            return name
        body = self._patience.call(
            lambda: self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read(), self._bucket, key
        )
        return msgspec.json.decode(body, type=str)

    def uri(self, dropped: Dropped) -> str:
        """Where the answer lies."""
        return f"s3://{self._bucket}/{dropped.folder}{_ANSWER}"

    def _put(self, key: str, body: bytes, sha256: str) -> None:
        def put() -> Any:
            return self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64_sha256(sha256),
            )

        self._patience.call(put, self._bucket, key)

    def _versions(self) -> Iterator[Dropped]:
        """The versions of all files whose newest is no deletion; a folder that a console makes is no file."""
        gone: set[str] = set()
        found: list[Dropped] = []
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=INPUT):
            gone |= {mark["Key"] for mark in page.get("DeleteMarkers", []) if mark["IsLatest"]}
            found += [
                Dropped(
                    each["Key"],
                    each["VersionId"],
                    each["Size"],
                    each["LastModified"].astimezone(dt.UTC),
                    each["IsLatest"],
                )
                for each in page.get("Versions", [])
            ]
        yield from (each for each in found if each.key not in gone and not each.key.endswith("/"))

    def _answered(self) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=OUTPUT):
            keys = (entry["Key"] for entry in page.get("Contents", []))
            yield from (key.removesuffix(_ANSWER) for key in keys if key.endswith(f"/{_ANSWER}"))


def _word(name: str) -> str:
    """A name as one safe part of a key, by its digest where it is too long for one."""
    word = quoted(name)
    return word if len(word) <= _LONGEST else f"sha256-{hashlib.sha256(name.encode()).hexdigest()}"
