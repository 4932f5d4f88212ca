"""`make package`: a folder with exactly what MWAA takes, made from the checkout."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from delivery import imports, refusals
from delivery.archive import zipped
from delivery.artefacts import DAGS, MANIFEST, PLUGINS, REQUIREMENTS, STARTUP, Artefacts, sha256
from delivery.checkout import Checkout
from delivery.errors import RefusedError
from delivery.wheels import offline


def build(checkout: Checkout, out: Path, wheels: Mapping[str, bytes] | None = None) -> Artefacts:
    """Write the package to `out`; RefusedError, and `out` as it was, where MWAA would refuse it.

    With `wheels` it holds what requirements.txt installs, and nothing is asked of an index.
    """
    files = contents(checkout, wheels)
    if reasons := refusals.reasons(files):
        raise RefusedError(reasons)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".package-", dir=out.parent) as scratch:
        made = Path(scratch) / "package"
        write(files, made)
        found = imports.probe(made)
        if reasons := found.refusals():
            raise RefusedError(reasons)
        artefacts = Artefacts(
            commit=checkout.commit(),
            version=checkout.version(),
            files={key: sha256(data) for key, data in files.items()},
            dags=found.dags,
            pools=json.loads(checkout.read("include/pools.json")),
            read=files.__getitem__,
            changed=checkout.changed(),
        )
        (made / MANIFEST).write_text(json.dumps(artefacts.document(), indent=2) + "\n")
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    return artefacts


def contents(checkout: Checkout, wheels: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Every delivered file by its key; `include/` travels within plugins.zip, for MWAA delivers nothing else.

    Corrections do not: the jobs read them from the bundle, and no environment is updated for one.
    """
    plugins = {name: checkout.read(f"plugins/{name}") for name in checkout.files("plugins")}
    plugins |= {f"include/{name}": checkout.read(f"include/{name}") for name in checkout.files("include")}
    plugins = {name: data for name, data in plugins.items() if not name.startswith("include/corrections/")}
    requirements = checkout.read(REQUIREMENTS).decode()
    return {
        **{f"{DAGS}{name}": checkout.read(f"{DAGS}{name}") for name in checkout.files("dags")},
        PLUGINS: zipped({**plugins, **(wheels or {})}),
        REQUIREMENTS: offline(requirements).encode() if wheels else requirements.encode(),
        STARTUP: checkout.read(f"delivery/{STARTUP}"),
    }


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Put the files into a folder."""
    for key, data in files.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
