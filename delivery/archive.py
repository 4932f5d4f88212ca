"""plugins.zip: the same files make the same bytes, on any machine at any time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can name
_MODE = 0o100644
_UNIX = 3


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of the files by name, stored uncompressed: the output of zlib differs from build to build."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=str.encode):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _MODE << 16
            entry.create_system = _UNIX
            archive.writestr(entry, files[name])
    return made.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The files in an archive by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
