"""Where `include/` lies: beside the repository's plugins, inside MWAA's plugins.zip, or inside the wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
_PLACES = (_HERE / "include", _HERE.parent / "include", _HERE.parent.parent / "include")


def include_dir() -> Path:
    """The folder that holds datasets/, sql/ and grants/."""
    for place in _PLACES:
        if (place / "datasets").is_dir():
            return place
    raise FileNotFoundError(f"include/ is in none of {', '.join(map(str, _PLACES))}: deliver it beside the package.")
