"""`anthill --version`: which Anthill a person has."""

from __future__ import annotations

from pathlib import Path

import typer

_CHECKOUT = Path(__file__).parents[3]  # where the package is a repository's and not a wheel's


def version(checkout: Path = _CHECKOUT) -> str:
    """The version of the wheel; of a checkout the one that it declares, and where it is."""
    project = checkout / "pyproject.toml"
    if project.is_file():
        import tomllib

        declared = tomllib.loads(project.read_text())["project"]["version"]
        return f"anthill {declared}, from the checkout {checkout}"
    from importlib import metadata

    return f"anthill {metadata.version('anthill')}"


def show(asked: bool) -> None:
    """Print it where it is asked for, and end."""
    if asked:
        typer.echo(version())
        raise typer.Exit
