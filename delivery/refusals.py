"""Why MWAA would refuse a package, or take it and fail over it: what can be told from the files alone."""

from __future__ import annotations

import importlib.metadata
import io
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from delivery.archive import unzipped
from delivery.artefacts import CONSTRAINTS, DAGS, PLUGINS, REQUIREMENTS, STARTUP
from delivery.wheels import FOLDER, is_offline

MEGABYTE = 1_000_000
# MWAA's guide names no sizes that a package of code comes near. Every container copies dags/ twice a minute and
# unpacks plugins.zip at its start, so these are ours: what is larger is data, and belongs into a bucket of its own.
# Wheels are what MWAA would fetch itself.
WHEELS = 250 * MEGABYTE
LARGEST = {DAGS: 10 * MEGABYTE, PLUGINS: 50 * MEGABYTE, REQUIREMENTS: MEGABYTE, STARTUP: MEGABYTE // 10}
CONSTRAINT_LINE = '--constraint "/usr/local/airflow/dags/constraints.txt"'
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
# High entropy is left out: checksums and hashes are all there is of it in code.
_DETECTORS = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "GitHubTokenDetector",
    "JwtTokenDetector",
    "KeywordDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SlackDetector",
    "StripeDetector",
)
_DATABRICKS_TOKEN = re.compile(rb"\bdapi[0-9a-f]{32}\b")


def reasons(files: Mapping[str, bytes]) -> list[str]:
    """Every reason against these files by key; empty where there is none."""
    return [*sizes(files), *names(files), *requirements(files), *secrets(files)]


def sizes(files: Mapping[str, bytes]) -> Iterator[str]:
    """What is too large, or not there."""
    wheels = sum(len(data) for data in _wheels(files).values())
    if wheels > WHEELS:
        yield f"{PLUGINS} has {wheels:,} bytes of wheels, more than {WHEELS:,}"
    for part, largest in LARGEST.items():
        held = [len(data) for key, data in files.items() if key == part or (part == DAGS and key.startswith(DAGS))]
        held += [-wheels] if part == PLUGINS and wheels else []
        if not sum(held):
            yield f"{part} is empty or missing"
        if sum(held) > largest:
            yield f"{part} has {sum(held):,} bytes, more than {largest:,}: keep data out of it"


def names(files: Mapping[str, bytes]) -> Iterator[str]:
    """Names that two places of `sys.path` give: dags/, plugins/, the installed distributions, Python itself."""
    dags = top_level(key.removeprefix(DAGS) for key in files if key.startswith(DAGS))
    plugins = top_level(unzipped(files[PLUGINS]))
    for name in sorted(dags & plugins):
        yield f"dags/ and plugins/ both have {name}: both folders are on sys.path, so one hides the other; rename one"
    installed = _installed()
    for folder, own in (("dags", dags), ("plugins", plugins)):
        for name in sorted(own):
            if others := set(installed.get(name, ())) - {"anthill"}:
                yield f"{folder}/ has {name}, which {', '.join(sorted(others))} brings too: rename it"
            elif name in sys.stdlib_module_names:
                yield f"{folder}/ has {name}, a module of Python itself: rename it"


@cache
def _installed() -> Mapping[str, list[str]]:
    """The distributions that bring a name."""
    return importlib.metadata.packages_distributions()


def top_level(paths: Iterable[str]) -> set[str]:
    """What can be imported from a folder that holds these paths: its modules and folders."""
    heads = {path.split("/")[0].removesuffix(".py") for path in paths if "/" in path or path.endswith(".py")}
    return {head for head in heads if head.isidentifier()}


def requirements(files: Mapping[str, bytes]) -> Iterator[str]:
    """Lines of requirements.txt that MWAA's constraints exclude, or that pin nothing."""
    text, pins = files[REQUIREMENTS].decode(), _pins(files.get(CONSTRAINTS, b"").decode())
    if not pins:
        yield f"{CONSTRAINTS} is missing or empty: MWAA would force its own constraints"
    if CONSTRAINT_LINE not in text.splitlines():
        yield f"{REQUIREMENTS} lacks the line {CONSTRAINT_LINE}: MWAA would force its own constraints"
    for line in text.splitlines():
        if re.match(r"[A-Za-z0-9]", line) and not _PIN.match(line):
            yield f"{REQUIREMENTS} does not pin {line.split()[0]}: run `make lock`"
    brought = {_named(name) for name in _wheels(files)}
    asked = {(name, version) for name, version in _pins(text).items()}
    if (is_offline(text) or brought) and brought != asked:
        differing = ", ".join(sorted(f"{name} {version}" for name, version in brought ^ asked))
        yield f"{PLUGINS} has not the wheels that {REQUIREMENTS} installs: {differing}"
    for name, version in _pins(text).items():
        if pins.get(name, version) != version:
            yield f"{REQUIREMENTS} has {name}=={version}, MWAA's constraints {pins[name]}: run `make lock`"


def secrets(files: Mapping[str, bytes]) -> Iterator[str]:
    """What looks like a password, key or token, by file and line; the thing itself is never told."""
    held = {
        f"{PLUGINS}: {name}": data for name, data in unzipped(files[PLUGINS]).items() if not name.startswith(FOLDER)
    }
    held |= {key: data for key, data in files.items() if key != PLUGINS}
    found = {(name, *hit) for name, data in held.items() for hit in _databricks_tokens(data)}
    for name, line, kind in sorted(found | set(_detected(held))):
        yield f"{name} line {line} looks like a secret ({kind}): secrets belong into Secrets Manager"


def _detected(held: Mapping[str, bytes]) -> Iterator[tuple[str, int, str]]:
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import transient_settings

    detectors = {"plugins_used": [{"name": detector} for detector in _DETECTORS]}
    with tempfile.TemporaryDirectory() as folder, transient_settings(detectors):
        for name, data in held.items():
            path = Path(folder) / f"file{Path(name).suffix}"  # by a plain name, for some detectors read it
            path.write_bytes(data)
            for secret in scan_file(str(path)):
                label = secret.type == "Secret Keyword" and " " in (secret.secret_value or "")
                if not label:  # of a form: words, not a secret
                    yield name, secret.line_number, secret.type


def _databricks_tokens(data: bytes) -> Iterator[tuple[int, str]]:
    for found in _DATABRICKS_TOKEN.finditer(data):
        yield data[: found.start()].count(b"\n") + 1, "Databricks token"


def _wheels(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What plugins.zip, if it is one, has in the wheels' folder."""
    packed = files.get(PLUGINS, b"")
    held = unzipped(packed) if zipfile.is_zipfile(io.BytesIO(packed)) else {}
    return {name.removeprefix(FOLDER): data for name, data in held.items() if name.startswith(FOLDER)}


def _named(wheel: str) -> tuple[str, str]:
    name, version, *_ = wheel.split("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def _pins(text: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PIN.findall(text)}
