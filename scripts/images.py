"""Container images by digest: `make images` writes the digest of each tag where the image is named, `make lint` looks.

An image is declared where it is used, as Docker and Renovate read it: `name:tag@sha256:…`. Without `@sha256:…` its
digest is not yet written. No digest is typed by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from scripts import workflow
from scripts.registry import DIGEST, Image, Registry, RegistryError

ROOT = Path(__file__).parents[1]
PLACES = ("**/Dockerfile", "docker-compose*.y*ml", ".github/workflows/*.yml", ".github/actions/*/action.yml")
_FROM = re.compile(r"^(FROM(?: +--\S+)* +|COPY(?: +--\S+)* +--from=)(\S+)", re.MULTILINE)
_YAML = re.compile(r"^( *(?:- +)?(?:image|container|uses): +[\"']?(?:docker://)?)([^\s\"'#]+)", re.MULTILINE)


def files(root: Path = ROOT) -> list[Path]:
    """Every file that names images."""
    found = {file for place in PLACES for file in root.glob(place)}
    return sorted(file for file in found if not {".venv", "var", "node_modules"} & set(file.relative_to(root).parts))


def built(text: str) -> set[str]:
    """The images that a compose file builds by itself, which no registry has."""

    def inside(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if "build" in node and "image" in node:
                yield node["image"]
            for each in node.values():
                yield from inside(each)

    return set(inside(msgspec.yaml.decode(text)))


def changed(file: Path, change: Callable[[Image], Image]) -> str:
    """A file's text with each image that comes from a registry changed."""
    text = file.read_text()
    if file.name == "Dockerfile":
        ours = set(re.findall(r"^FROM .+ AS +(\S+)", text, re.MULTILINE | re.IGNORECASE)) | {"scratch"}
        return _FROM.sub(lambda m: m[0] if m[2] in ours else m[1] + str(change(Image.of(m[2]))), text)
    ours = built(text)

    def one(found: re.Match[str]) -> str:
        action = "uses:" in found[1] and "docker://" not in found[1]
        return found[0] if action or found[2] in ours else found[1] + str(change(Image.of(found[2])))

    return _YAML.sub(one, text)


def images(root: Path = ROOT) -> list[tuple[Path, Image]]:
    """Every image that comes from a registry, and the file that names it."""
    found: list[tuple[Path, Image]] = []
    for file in files(root):

        def seen(image: Image, file: Path = file) -> Image:
            found.append((file.relative_to(root), image))
            return image

        changed(file, seen)
    return found


def problems(root: Path = ROOT) -> Iterator[str]:
    """What is named so that a day may bring another image under the same words."""
    known: dict[str, tuple[Path, Image]] = {}
    for file, image in images(root):
        if not re.search(r"\d+\.\d+", image.tag):
            yield f"{file}: {image}: names no exact version"
        if image.digest and not DIGEST.fullmatch(image.digest):
            yield f"{file}: {image}: its digest is none: `make images` writes it"
        first, other = known.setdefault(image.name, (file, image))
        if other != image:
            yield f"{file}: {image}: {first} has {other}"


def write(registry: Registry, upgrade: bool, root: Path = ROOT) -> int:
    """Write what is known of each tag; the number of images that stay without a digest."""
    told: dict[Image, str] = {}
    without = 0
    for image in dict.fromkeys(image for _, image in images(root)):
        try:
            told[image] = registry.digest(image)
        except RegistryError as error:
            without += not image.digest
            print(f"{'as it was' if image.digest else 'not written'}: {error}", file=sys.stderr)
            continue
        if image.digest and image.digest != told[image]:
            print(f"{image.name}:{image.tag} is {told[image]} today, and was {image.digest} (UPGRADE=1 takes it)")
    for file in files(root):
        text = changed(
            file,
            lambda image: (
                Image(image.name, image.tag, told[image]) if image in told and (upgrade or not image.digest) else image
            ),
        )
        if text != file.read_text():
            file.write_text(text)
            print(f"{file.relative_to(root)}: written")
    return without


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when every image has its digest; with `--check`, when each is named as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="look at the files alone")
    parser.add_argument("--mirror", metavar="URL", default="", help="a mirror that is asked in the registries' place")
    parser.add_argument("--upgrade", action="store_true", help="also where a tag stands for another image today")
    asked = parser.parse_args(arguments)
    if not asked.check:
        return 1 if write(Registry(asked.mirror), asked.upgrade, root) else 0
    if wrong := list(problems(root)):
        return workflow.fail("\n".join(wrong))
    if waiting := sorted({str(image) for _, image in images(root) if not image.digest}):
        print(f"without a digest yet (make images): {', '.join(waiting)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
