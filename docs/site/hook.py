"""What mkdocs calls: pages that are made or lie beside the code, and links to files that are no pages."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]

from docs.site import catalogue  # noqa: E402 - the path comes first

# Pages that lie elsewhere in the repository, and where they stand on the site.
ELSEWHERE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "local/README.md": "reference/local.md",
    "local/polygon/README.md": "reference/polygon-stand-in.md",
    "local/databricks/README.md": "reference/databricks-stand-in.md",
    "terraform/README.md": "reference/terraform/index.md",
}
ELSEWHERE |= {
    str(file.relative_to(ROOT)): f"reference/terraform/{file.parent.name}.md"
    for file in sorted(ROOT.glob("terraform/modules/*/README.md"))
}
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
CODE = re.compile(r"(^ *```.*?^ *```)", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and write out the folders of the navigation."""
    made = {site: (ROOT / source).read_text() for source, site in ELSEWHERE.items()}
    made |= {f"catalogue/{name}": text for name, text in catalogue.pages().items()}
    made |= {f"reference/api/{name}": text for name, text in api().items()}
    made["decisions/index.md"] = decisions()
    for site, text in made.items():
        files.append(File.generated(config, site, content=text))
    config.nav = _written_out(config.nav or [], sorted(file.src_uri for file in files.documentation_pages()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links are written as they are right in the repository: those that leave the site go to its address."""
    site = page.file.src_uri
    source = next((path for path, at in ELSEWHERE.items() if at == site), f"docs/{site}")

    def link(match: re.Match[str]) -> str:
        before, target, after = match.groups()
        if (
            "://" in target
            or target.startswith("mailto:")
            or page.file.src_uri.startswith(("catalogue/", "reference/api/"))
        ):
            return match[0]
        path = normpath(f"{Path(source).parent}/{target}")
        there = ELSEWHERE.get(path) or ELSEWHERE.get(f"{path}/README.md") or path.removeprefix("docs/")
        there = f"{there}/index.md" if files.get_file_from_path(f"{there}/index.md") else there
        if (path.startswith("docs/") and files.get_file_from_path(there)) or there in ELSEWHERE.values():
            return f"{before}{relpath(there, Path(site).parent)}{after}"
        if (ROOT / path).exists():
            return f"{before}{config.extra['repository']}/blob/main/{path}{after}"
        return match[0]  # and the strict build names it

    parts = CODE.split(markdown)
    return "".join(part if place % 2 else LINK.sub(link, part) for place, part in enumerate(parts))


def api() -> dict[str, str]:
    """A page a package of plugins/anthill, with all its modules."""
    packages: dict[str, list[str]] = {}
    for file in sorted((ROOT / "plugins/anthill").rglob("*.py")):
        if file.name != "__init__.py":
            name = ".".join(file.relative_to(ROOT / "plugins").with_suffix("").parts)
            packages.setdefault(name.rpartition(".")[0], []).append(name)
    pages = {"index.md": "# API\n\nThe package `anthill`, a page a room.\n\n"}
    for package, modules in packages.items():
        page = f"{package}.md"
        pages["index.md"] += f"- [`{package}`]({page}): {', '.join(name.rpartition('.')[2] for name in modules)}\n"
        sections = [f"## {name.rpartition('.')[2]}\n\n::: {name}\n" for name in modules]
        pages[page] = "\n".join([f"# {package}\n", *sections])
    return pages


def decisions() -> str:
    """The list of the decisions, by their titles."""
    lines = ["# Decisions", "", "Why things are as they are: short records, in the order in which they were taken.", ""]
    for file in sorted(
        (ROOT / "docs/decisions").glob("[0-9]*.md"), key=lambda file: (len(file.name.split("-")[0]), file.name)
    ):
        title = file.read_text().splitlines()[0].removeprefix("# ")
        lines.append(f"- [{title}]({file.name})")
    return "\n".join(lines) + "\n"


def _written_out(nav: list[Any], pages: list[str]) -> list[Any]:
    """The navigation, with each folder's pages in its place."""
    found: list[Any] = []
    for item in nav:
        if isinstance(item, dict):
            ((title, value),) = item.items()
            if isinstance(value, str) and value.endswith("/"):
                found.append({title: _folder(value, pages)})
            else:
                found.append({title: _written_out(value, pages) if isinstance(value, list) else value})
        else:
            found.append(item)
    return found


def _folder(folder: str, pages: list[str]) -> list[Any]:
    """The pages of a folder, its index first, its own folders behind them."""
    inside = [page.removeprefix(folder) for page in pages if page.startswith(folder)]
    own = sorted((page for page in inside if "/" not in page), key=lambda page: (page != "index.md", page))
    below = sorted({page.partition("/")[0] for page in inside if "/" in page})
    return [*(folder + page for page in own), *({name: _folder(f"{folder}{name}/", pages)} for name in below)]
