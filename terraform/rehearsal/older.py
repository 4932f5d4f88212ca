"""What the provider of a rehearsal lacks of what the tree asks for, and how its copy of the tree does without."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lacking:
    """An argument of one line in a file, and the first version that knows it."""

    argument: str
    file: str
    since: tuple[int, ...]


# Nothing else is changed, and what is left out is printed.
LACKING = (Lacking("worker_replacement_strategy", "modules/mwaa/main.tf", (6, 11)),)
_CONSTRAINT = re.compile(r'(source\s*= "hashicorp/aws"\n\s*version\s*= ">= )[\d.]+')


def version(plugins: Path) -> tuple[int, ...]:
    """The newest version of AWS's provider in a plugin folder."""
    found = [path.name for path in plugins.glob("registry.terraform.io/hashicorp/aws/*")]
    return max(tuple(int(part) for part in name.split(".")) for name in found if re.fullmatch(r"\d+\.\d+\.\d+", name))


def suit(tree: Path, provider: tuple[int, ...]) -> list[str]:
    """Make a copied tree fit an older provider; a sentence for each line that is left out."""
    told = []
    for lacking in (each for each in LACKING if provider < each.since):
        file = tree / lacking.file
        text, found = re.subn(rf"^ *{lacking.argument} *=.*\n", "", file.read_text(), flags=re.MULTILINE)
        if found != 1:
            raise ValueError(f"{lacking.file} has {found} lines with {lacking.argument}: correct LACKING")
        file.write_text(text)
        told.append(f"{lacking.argument} of {lacking.file}, which needs aws {_dotted(lacking.since)}")
    if told:
        for file in tree.rglob("versions.tf"):
            file.write_text(_CONSTRAINT.sub(rf"\g<1>{_dotted(provider)}", file.read_text()))
    return told


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
