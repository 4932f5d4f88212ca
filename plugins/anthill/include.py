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


def tables_of_jobs() -> list[str]:
    """The tables of gold over all asset classes that jobs of their own fill: files beside the folders of sql/gold."""
    files = sorted((include_dir() / "sql" / "gold").glob("*.sql"))
    return [file.stem for file in files if f"CREATE TABLE IF NOT EXISTS {{gold}}.{file.stem} (" in file.read_text()]
