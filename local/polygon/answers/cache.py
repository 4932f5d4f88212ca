"""Bodies that are made once: the recent ones in memory, all of them in a folder if there is one."""

import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from local.polygon.answers.envelopes import Packed

_SUMS = struct.Struct("<LQ")


class Cache:
    """Packed bodies by name; those least recently used leave memory above `bound` bytes, and one is made at a time."""

    def __init__(self, bound: int, folder: Path | None = None) -> None:
        self._bound, self._size, self._folder = bound, 0, folder
        self._kept: OrderedDict[str, Packed] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str, make: Callable[[], str]) -> Packed:
        """The body of a name, made if it is not kept."""
        if found := self._find(name):
            return found
        with self._making:
            found = self._find(name) or self._read(name)
            if found is None:
                found = Packed.of(make())
                self._write(name, found)
            self._keep(name, found)
            return found

    def _find(self, name: str) -> Packed | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def _keep(self, name: str, packed: Packed) -> None:
        with self._lock:
            if name not in self._kept:
                self._kept[name], self._size = packed, self._size + len(packed.deflated)
            while self._size > self._bound and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1].deflated)

    def _read(self, name: str) -> Packed | None:
        if self._folder is None or not (path := self._folder / name).exists():
            return None
        whole = path.read_bytes()
        return Packed(whole[_SUMS.size :], *_SUMS.unpack(whole[: _SUMS.size]))

    def _write(self, name: str, packed: Packed) -> None:
        if self._folder:
            partial = self._folder / f"{name}.partial"
            partial.write_bytes(_SUMS.pack(packed.crc, packed.length) + packed.deflated)
            partial.replace(self._folder / name)


def fingerprint(*facts: object) -> str:
    """A name for what bodies are made from: these facts, and the code and data of this package."""
    digest = hashlib.sha256(repr(facts).encode())
    for source in sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def sources() -> list[Path]:
    """The files that answers are made by and of."""
    return sorted(path for path in Path(__file__).parents[1].rglob("*") if path.suffix in (".py", ".yaml"))
