"""Files past the tables: what it takes to read or write them, by the external location that they lie in."""

from __future__ import annotations

from collections.abc import Mapping

from local.databricks.held import ANY_FILE, Need


class Paths:
    """The external locations, by name."""

    def __init__(self, locations: Mapping[str, str]) -> None:
        self._locations = {name: _plain(url) for name, url in locations.items()}

    def need(self, privilege: str, path: str) -> Need:
        """A privilege on the location of a path; outside of all there is only what nobody is given any more."""
        inside = f"{_plain(path)}/"
        for name, url in self._locations.items():
            if inside.startswith(f"{url}/" if url else ""):
                return Need(privilege, "external_location", name)
        return Need("SELECT" if privilege == "READ_FILES" else "MODIFY", ANY_FILE, "")


def _plain(url: str) -> str:
    return url.replace("s3a://", "s3://").rstrip("/")
