"""Who is declared to read which keys of the data buckets by IAM, and why: include/buckets.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from anthill.catalog import DeclarationError
from anthill.governance.iam.patterns import covers
from anthill.governance.iam.reach import Reach
from anthill.include import include_dir
from anthill.yaml_file import Keys, YamlError, YamlFile

NAMES = "{names}"  # what the names of an environment's buckets and roles begin with, as anthill-prod
_KEYS = {"who", "reads", "why"}


class Reader(msgspec.Struct, frozen=True):
    """Somebody as role/team/name, or as a bucket's policy names him; patterns of keys by bucket; and why."""

    who: str
    reads: Mapping[str, tuple[str, ...]]
    why: str

    def is_told(self, reach: Reach) -> bool:
        """Whether this is what it declares."""
        allowed = self.reads.get(reach.bucket, ())
        return covers(self.who, reach.who) and any(covers(keys, reach.keys) for keys in allowed)


class Declared(msgspec.Struct, frozen=True):
    """The buckets that are looked at, and their readers."""

    buckets: tuple[str, ...]
    readers: tuple[Reader, ...]

    def undeclared(self, found: Iterable[Reach]) -> list[Reach]:
        """What somebody may read and nobody has declared."""
        return [reach for reach in found if not any(reader.is_told(reach) for reader in self.readers)]


def load(names: str, path: Path | None = None) -> Declared:
    """What is declared for an environment; DeclarationError with the line of what is wrong."""
    return _File(path or include_dir() / "buckets.yaml", names).declared()


class _File:
    def __init__(self, path: Path, names: str) -> None:
        self._path, self._names = path, names
        try:
            self._yaml = YamlFile(path)
        except YamlError as error:
            raise DeclarationError(f"{path}:{error.line}: not YAML: {error}") from error

    def declared(self) -> Declared:
        for keys, problem in self._yaml.twice():
            raise self._wrong(keys, problem)
        document = self._yaml.value
        if not isinstance(document, dict) or set(document) != {"buckets", "readers"}:
            raise self._wrong((), "the keys are 'buckets' and 'readers'")
        buckets, readers = document["buckets"], document["readers"]
        if not _is_texts(buckets):
            raise self._wrong(("buckets",), "buckets is a list of names, as '{names}-bronze'")
        if not isinstance(readers, list):
            raise self._wrong(("readers",), "readers is a list of who, reads and why")
        known = tuple(self._named(each) for each in buckets)
        return Declared(known, tuple(self._reader(at, each, known) for at, each in enumerate(readers)))

    def _reader(self, place: int, entry: Any, known: tuple[str, ...]) -> Reader:
        at: Keys = ("readers", place)
        if not isinstance(entry, dict) or set(entry) != _KEYS:
            raise self._wrong(at, "a reader has the keys who, reads and why")
        who, why, reads = entry["who"], entry["why"], entry["reads"]
        if not isinstance(who, str) or not who.strip("*/ "):
            raise self._wrong(
                (*at, "who"), f"who is {who!r}: name a role or user, as role/team/name; it is never everybody"
            )
        if not isinstance(why, str) or not why.strip():
            raise self._wrong((*at, "why"), "why says in a sentence what it is for")
        if not isinstance(reads, dict) or not reads or not all(map(_is_texts, reads.values())):
            raise self._wrong((*at, "reads"), "reads has a list of patterns of keys for each bucket, as ['polygon/*']")
        found = {self._named(bucket): tuple(keys) for bucket, keys in reads.items()}
        if strange := next((bucket for bucket in reads if self._named(bucket) not in known), None):
            raise self._wrong((*at, "reads", strange), f"{strange} is none of the buckets above")
        return Reader(self._named(who), found, why)

    def _named(self, text: str) -> str:
        return text.replace(NAMES, self._names)

    def _wrong(self, keys: Keys, said: str) -> DeclarationError:
        return DeclarationError(f"{self._path}:{self._yaml.line(keys)}: {said}.")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each for each in value)
