"""`python -m terraform.readme [--check]`: each module's README.md, made from its variables, outputs and resources."""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MODULES = Path(__file__).parent / "modules"
SUMMARIES = {
    "environment": "What all stacks of an environment share: names, tags, where they publish; no resources.",
    "bucket": "A private, versioned, encrypted, TLS-only S3 bucket, safe from accidental destruction.",
    "networking": "A VPC over two to four zones: subnets, NAT or endpoints only, flow logs, security groups.",
    "access": "People's way to a private Airflow: a host without open ports, or a transit gateway; off by default.",
    "data-lake": "The lake's zones (bronze, documents, silver, gold, artifacts), their access logs and their KMS key.",
    "mwaa": "An MWAA environment, its execution role, its bucket, its secrets and the backend that reads them.",
    "drop-zone": "A bucket into which people drop files, the queue that tells of them, a role an owner who drops.",
    "warehouse": "A small PostgreSQL, reached by its loader alone and by TLS alone, and its alarms; none unasked.",
    "recorder": "Who listens to streams: images, a service an asset class, its roles and alarms; nothing runs unasked.",
    "databricks": "A Databricks workspace in our network: keys, serverless egress, audit logs, optional PrivateLink.",
    "unity-catalog": "An environment's catalog: locations, schemas, volumes, people's groups.",
    "databricks-compute": "A serverless SQL warehouse, cluster policies that bound cost, a budget policy.",
    "databricks-principals": "Who runs and deploys in a workspace: service principals, and who signs in as each.",
    "databricks-budget": "A month's budget of a workspace, or of a team in it: notices at 80 and 100 %.",
    "consumption": "Gold for readers without Databricks: a Glue database, an Athena workgroup with a limit.",
    "monitoring": "SNS topics, alarms on MWAA and bronze, log groups with a retention, a dashboard, a budget.",
    "trail": "What happens in an account, recorded: a trail, its locked bucket, alarms, an access analyser.",
    "cicd": "GitHub's OIDC provider; a deployment and a reading role a team, bound to its states and resources.",
}


@dataclass(frozen=True)
class Block:
    """One block of HCL: its labels and its text."""

    labels: tuple[str, ...]
    text: str

    def attribute(self, name: str) -> str:
        """An attribute's source on one line, or an empty string; brackets are followed to their end."""
        found = re.search(rf"^  {name}\s*= (.*)", self.text, re.MULTILINE)
        if not found:
            return ""
        source, rest = "", self.text[found.start(1) :]
        for line in rest.splitlines():
            source += " " + line.strip()
            if sum(source.count(c) for c in "([{") == sum(source.count(c) for c in ")]}"):
                break
        return re.sub(r"(?<=[\[(]) | (?=[\])])", "", re.sub(r"\s+", " ", source.strip()))


def blocks(folder: Path, kind: str) -> Iterator[Block]:
    """The blocks of a kind (`variable`, `output`, `resource`, …) in a folder's .tf files, by their labels."""
    found = []
    for file in sorted(folder.glob("*.tf")):
        for match in re.finditer(rf'^{kind}((?: "[^"]+")+) \{{\n(.*?)^\}}', file.read_text(), re.MULTILINE | re.DOTALL):
            found.append(Block(tuple(re.findall(r'"([^"]+)"', match[1])), match[2]))
    yield from sorted(found, key=lambda block: block.labels)


def _cell(source: str) -> str:
    return f"`{source.replace('|', chr(92) + '|')}`" if source else ""


def render(module: Path) -> str:
    """The README of one module."""
    example = (module / "examples/basic/main.tf").read_text()
    call = example[example.index("module ") :].strip()
    lines = [f"# {module.name}", "", SUMMARIES[module.name], "", "```hcl", call, "```", ""]
    lines += ["| variable | type | default | what |", "| --- | --- | --- | --- |"]
    for block in blocks(module, "variable"):
        default = _cell(block.attribute("default")) or "required"
        what = block.attribute("description").strip('"').replace("|", "\\|")
        rules = [m[1].replace('\\"', '"') for m in re.finditer(r'error_message = "(.*)"', block.text)]
        allowed = "".join(f"<br>{rule}" for rule in rules).replace("|", "\\|")
        lines.append(f"| `{block.labels[0]}` | {_cell(block.attribute('type'))} | {default} | {what}{allowed} |")
    lines += ["", "| output | what |", "| --- | --- |"]
    lines += [f"| `{b.labels[0]}` | {b.attribute('description').strip(chr(34))} |" for b in blocks(module, "output")]
    kinds = sorted({b.labels[0] for b in blocks(module, "resource")})
    lines += ["", "Makes: " + ", ".join(f"`{kind}`" for kind in kinds) + ".", ""]
    examples = ", ".join(f"`examples/{path.parent.name}`" for path in sorted(module.glob("examples/*/main.tf")))
    lines += [f"Made by `python -m terraform.readme`; tests are in `tests/`, how it is called in {examples}.", ""]
    return "\n".join(lines)


def main() -> int:
    """Write every README, or with --check name the stale ones and exit 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for module in sorted(path for path in MODULES.iterdir() if path.is_dir()):
        readme, text = module / "README.md", render(module)
        if readme.exists() and readme.read_text() == text:
            continue
        stale.append(module.name)
        if not check:
            readme.write_text(text)
    print(("stale: " if check else "written: ") + (", ".join(stale) or "none"))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
