"""Files that are written from what is declared: written where they differ, or only compared."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from scripts import workflow


def run(
    about: str | None,
    arguments: list[str] | None,
    root: Path,
    written: Callable[[], Mapping[str, str]],
    complaint: str,
    there: Collection[str] = (),
) -> int:
    """Exit code 0 when written, or where nothing was to be written; with `--check` 1 where anything was.

    `written` gives each file's path below `root` and its text, or a ValueError which says what is wrong; of the files
    that are `there` those go which it does not give. `complaint` follows the names of files that say otherwise.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    try:
        texts = written()
    except ValueError as error:
        return workflow.fail(str(error))
    stale = [name for name, text in texts.items() if not (root / name).is_file() or (root / name).read_text() != text]
    stale += sorted(set(there) - texts.keys())
    if check:
        return workflow.fail(f"{', '.join(stale)} {complaint}") if stale else 0
    for name in stale:
        if name in texts:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(texts[name])
        else:
            (root / name).unlink()
        print(f"written: {name}" if name in texts else f"removed: {name}")
    return 0
