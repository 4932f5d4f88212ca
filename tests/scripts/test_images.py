"""Images are written by digest where a registry tells it, and named exactly everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import images
from scripts.registry import DIGEST, DOCKER_HUB, Image
from tests.scripts.scripted_registry import Contents, registry

ROOT = Path(__file__).parents[2]
NAMED = {"python": 4, "postgres": 1, "redis": 1}  # how often each is named in this repository


@pytest.fixture
def held() -> Iterator[Contents]:
    """A registry that holds what this repository names."""
    with registry() as found:
        for _, image in images.images():
            found.push(f"library/{image.name}:{image.tag}")
        found.asked.clear()
        yield found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files that name images, to be written; without the digests that they may have by now."""
    for file in images.files():
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(re.sub(r"@sha256:[0-9a-f]{64}", "", file.read_text()))
    return tmp_path


def digests(tree: Path) -> dict[str, set[str]]:
    """The digests that stand in the files, by name."""
    found: dict[str, set[str]] = {}
    for _, image in images.images(tree):
        found.setdefault(image.name, set()).add(image.digest)
    return found


def run(tree: Path, held: Contents, *more: str) -> int:
    """`make images`, asking the registry."""
    return images.main(["--mirror", held.url, *more], tree)


def test_each_image_gets_the_digest_of_its_index(tree: Path, held: Contents) -> None:
    """Of every file each name has the digest of its tag for all architectures; the rest of the files is as it was."""
    assert run(tree, held) == 0
    wanted = {tag.split(":")[0].removeprefix("library/"): held.push(tag) for tag in held.tags}
    assert digests(tree) == {name: {digest} for name, digest in wanted.items()}
    for file in images.files():
        text = (tree / file.relative_to(ROOT)).read_text()
        found = re.findall(r"(\w+):[\w.-]+@sha256", text)
        assert re.sub(r"@sha256:[0-9a-f]{64}", "", text) == re.sub(r"@sha256:[0-9a-f]{64}", "", file.read_text())
        assert set(found) <= set(NAMED)
    assert images.main(["--check"], tree) == 0


def test_a_second_run_changes_nothing(tree: Path, held: Contents, capsys: pytest.CaptureFixture[str]) -> None:
    """A tag that stands for another image since is told, and taken when that is asked for."""
    assert run(tree, held) == 0
    before = digests(tree)
    capsys.readouterr()
    assert run(tree, held) == 0
    assert capsys.readouterr().out == ""
    (tag,) = [tag for tag in held.tags if "redis" in tag]
    moved = held.push(tag, index=b'{"another": "image"}')
    assert run(tree, held) == 0
    assert digests(tree) == before
    said = capsys.readouterr().out
    assert moved in said
    assert "UPGRADE=1" in said
    assert run(tree, held, "--upgrade") == 0
    assert digests(tree) == {**before, "redis": {moved}}


def test_a_token_is_fetched_where_the_registry_sends(tree: Path, held: Contents) -> None:
    """For the name that is asked for, to read; a registry that is open to all needs none."""
    assert run(tree, held) == 0
    assert any(asked.startswith("GET /token?") and "library%2Fpython%3Apull" in asked for asked in held.asked)
    held.wants_token = False
    held.asked.clear()
    assert run(tree, held) == 0
    assert {asked.split(" ")[0] for asked in held.asked} == {"HEAD"}
    assert len(held.asked) == len(NAMED)  # one request a name


def test_haste_and_silence_are_borne(tree: Path, held: Contents) -> None:
    """Too many requests: again when told; without a digest in the header: that of the bytes."""
    held.hasty, held.tells_digest = 2, False
    assert run(tree, held) == 0
    wanted = {tag.split(":")[0].removeprefix("library/"): held.push(tag) for tag in held.tags}
    assert digests(tree) == {name: {digest} for name, digest in wanted.items()}


def test_what_is_not_there_stays_without_a_digest(
    tree: Path, held: Contents, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are written; the one is named, and by `make lint` as well, which does not fail for it."""
    (tag,) = [tag for tag in held.tags if "redis" in tag]
    del held.tags[tag]
    assert run(tree, held) == 1
    assert re.search(r"not written: redis:\S+: http://\S+/v2/library/redis/manifests/\S+ is not there", _err(capsys))
    assert {name for name, found in digests(tree).items() if found == {""}} == {"redis"}
    assert images.main(["--check"], tree) == 0
    assert re.fullmatch(r"without a digest yet \(make images\): redis:\S+\n", capsys.readouterr().out)


def test_where_no_registry_is_reached_nothing_changes(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each image is told with the reason, and no file is touched."""
    before = {file: file.read_text() for file in images.files(tree)}
    with registry() as gone:
        pass
    assert run(tree, gone) == 1
    lines = _err(capsys).splitlines()
    assert len(lines) == len(NAMED)
    assert all(line.startswith("not written: ") and "is not reached: " in line for line in lines)
    assert {file: file.read_text() for file in images.files(tree)} == before


def _err(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "address", "name", "tag"),
    [
        ("python:3.12.8-slim", DOCKER_HUB, "library/python", "3.12.8-slim"),
        ("apache/airflow:3.3.1", DOCKER_HUB, "apache/airflow", "3.3.1"),
        ("docker.io/library/redis:7.4", DOCKER_HUB, "library/redis", "7.4"),
        ("ghcr.io/astral-sh/uv:0.9.1", "https://ghcr.io", "astral-sh/uv", "0.9.1"),
        ("localhost:5000/x:1.0", "https://localhost:5000", "x", "1.0"),
        (f"redis:7.4@sha256:{'0' * 64}", DOCKER_HUB, "library/redis", "7.4"),
    ],
)
def test_a_name_leads_to_its_registry(text: str, address: str, name: str, tag: str) -> None:
    """As Docker reads it; and it is written again as it was."""
    image = Image.of(text)
    assert (image.place, image.tag, str(image)) == ((address, name), tag, text)


BROKEN = {
    "no tag": ("Dockerfile", "FROM python:3.12.8-slim-bookworm\n", "FROM python\n", "python: names no exact version"),
    "a tag that moves": ("docker-compose.yaml", "redis:7.4.1-alpine", "redis:latest", "redis:latest: names no exact"),
    "two versions": ("Dockerfile", "FROM python:3.12.8-slim-bookworm\n", "FROM python:3.12.7-slim\n", "python:3.12.8"),
    "no digest": ("docker-compose.yaml", "redis:7.4.1-alpine", "redis:7.4.1-alpine@sha256:abc", "its digest is none"),
    "a container": (
        ".github/workflows/lint.yml",
        "    steps:",
        "    container: debian\n    steps:",
        "debian: names no",
    ),
    "a service": (
        ".github/workflows/lint.yml",
        "    steps:",
        "    services: {}\n    steps:\n      - uses: docker://x",
        "x: n",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_image_that_is_not_exact_is_refused(tree: Path, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`make lint` names the file and the image, wherever an image can be named."""
    file, before, after, said = BROKEN[case]
    text = (tree / file).read_text()
    assert before in text
    (tree / file).write_text(text.replace(before, after, 1))
    assert images.main(["--check"], tree) == 1
    told = capsys.readouterr().err
    assert said in told
    assert file in told


def test_this_repository_names_its_images_exactly() -> None:
    """Every image that a file of Docker's or GitHub's names is found, once a place; the one built here is none."""
    assert list(images.problems()) == []
    found = [image.name for _, image in images.images()]
    assert {name: found.count(name) for name in found} == NAMED
    assert all(image.digest == "" or DIGEST.fullmatch(image.digest) for _, image in images.images())


def test_a_stage_is_no_image(tmp_path: Path) -> None:
    """What a Dockerfile copies from a stage of its own is asked of nobody; from a registry's image it is."""
    text = "FROM --platform=linux/amd64 a:1.0 AS one\nFROM scratch\nCOPY --from=one /x /x\nCOPY --from=b/c:2.1 /y /y\n"
    (tmp_path / "Dockerfile").write_text(text)
    assert [str(image) for _, image in images.images(tmp_path)] == ["a:1.0", "b/c:2.1"]
