"""Whether an environment's configuration fits together: tfvars, states, bundle, Airflow options, grants, by name.

`--deployable` also refuses the placeholders that this repository is published with, and providers that are not locked.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import re
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
import msgspec

from anthill.governance.grants_file import GrantsFile
from scripts import workflow
from terraform.lock import locked, refusals
from terraform.root import STATE, TEAMS, VALUES, environments

ROOT = Path(__file__).parents[1]
PLATFORM, INNOVATION = TEAMS
PLACEHOLDERS = re.compile(
    r"\b(?:111111111111|222222222222|333333333333|0{8}-0{4}-4000-8000-0{11}\w|[\w.-]+@example\.com)\b"
)
# Options of the section [anthill], as plugins/anthill/settings.py asks for them; {…} stands for any word.
OPTION = re.compile(r'conf\.get\(_SECTION, f?"([\w{}]+)"')
# Those that the stack gives Airflow itself.
SET = re.compile(r'"(anthill\.\w+)"\s*=')
# Where Airflow signs in to Databricks as one of the principals that Terraform makes, by its name.
SIGNS_IN = re.compile(r"client_id += local\.databricks\.application_ids\.(\w+)")
PRINCIPAL = re.compile(r"\{platform_development/databricks:application_ids\.(\w+)\}")
JOBS_RUN_AS = {"service_principal_name": "${var.run_as}"}
# Terraform's resources that grant, and what on.
GRANTS = re.compile(r'^resource "databricks_grants?" "\w+" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
WRITTEN = re.compile(r"^  (catalog|schema|table|volume|external_location) +=", re.MULTILINE)


def values(file: Path) -> dict[str, Any]:
    """The values of a .tfvars or .tfbackend file."""
    return _values(file.read_text())


@cache
def _values(text: str) -> dict[str, Any]:
    return {name: _plain(value) for name, value in hcl2.loads(text).items() if not name.startswith("__")}


def _plain(value: Any) -> Any:
    """The parser keeps the quotes of strings."""
    if isinstance(value, str):
        return value.removeprefix('"').removesuffix('"')
    if isinstance(value, dict):
        return {_plain(name): _plain(each) for name, each in value.items() if not name.startswith("__")}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def problems(environment: str, root: Path = ROOT) -> Iterator[str]:
    """Everything that does not fit, each with the file to correct."""
    home = root / "terraform/environments" / environment
    yield from _names(home, environment)
    yield from _apart(root, environment)
    yield from _bundle(root, environment)
    yield from _airflow(root, home)
    yield from _jobs_principal(root, environment)
    yield from _principals(root, home)
    yield from _one_writer(root, home)


def stack(home: Path, team: str, name: str) -> dict[str, Any]:
    """What an environment gives a stack."""
    found: dict[str, Any] = values(home / VALUES)["stacks"][team].get(name, {})
    return found


def _names(home: Path, environment: str) -> Iterator[str]:
    """What repeats the environment's name, account, region or repository says the same everywhere."""
    shared, state = values(home / VALUES), values(home / STATE)
    security, databricks = stack(home, PLATFORM, "security"), stack(home, PLATFORM, "databricks")
    bucket = f"{shared['name_prefix']}-{environment}-terraform-state"
    expected = [
        (VALUES, "environment", shared["environment"], environment),
        (STATE, "bucket", state["bucket"], bucket),
        (STATE, "region", state["region"], shared["region"]),
        (STATE, "kms_key_id", state["kms_key_id"], f"alias/{bucket}"),
        (VALUES, "security.state_bucket", security["state_bucket"], bucket),
        (VALUES, "databricks.repository", databricks["repository"], security["repository"]),
    ]
    if here := os.environ.get("GITHUB_REPOSITORY"):
        named = re.sub(r"@\d+", "", security["repository"])  # a subject of tokens has ids in it, a name has none
        expected.append((VALUES, "security.repository", named, here))
    for file, name, found, wanted in expected:
        if found != wanted:
            yield f"{home / file}: {name} is {found!r}, and {wanted!r} is what fits"
    account = security["state_kms_key_arn"].split(":")
    if account[3:5] != [shared["region"], shared["account_id"]]:
        yield f"{home / VALUES}: security.state_kms_key_arn is of another account or region"


def _apart(root: Path, environment: str) -> Iterator[str]:
    """Environments share no account, no state bucket and no address."""
    homes = {name: root / "terraform/environments" / name for name in environments(root / "terraform")}
    own = homes[environment]
    network = stack(own, PLATFORM, "network")
    cidr = ipaddress.ip_network(network["cidr"])
    for name, other in homes.items():
        if name == environment:
            continue
        for file, key in ((VALUES, "account_id"), (STATE, "bucket")):
            if values(own / file)[key] == values(other / file)[key]:
                yield f"{own / file}: {key} is that of {name}"
        if cidr.overlaps(ipaddress.ip_network(stack(other, PLATFORM, "network")["cidr"])):
            yield f"{own / VALUES}: network.cidr {cidr} overlaps that of {name}"
    region = values(own / VALUES)["region"]
    if strange := [zone for zone in network["zones"] if not zone.startswith(region)]:
        yield f"{own / VALUES}: network.zones {', '.join(strange)} are not in {region}"


def _bundle(root: Path, environment: str) -> Iterator[str]:
    """The bundle has a target of the environment, under the names that Airflow looks up."""
    file = root / "databricks/databricks.yml"
    bundle = msgspec.yaml.decode(file.read_text())
    target = bundle["targets"].get(environment)
    if target is None:
        yield f"{file}: there is no target {environment}"
        return
    if target.get("mode") != "production":
        yield f"{file}: targets.{environment}.mode must be production, or its jobs get names that Airflow does not know"
    if (tag := target.get("presets", {}).get("tags", {}).get("environment")) != environment:
        yield f"{file}: targets.{environment}.presets.tags.environment is {tag!r}"
    catalog = (target.get("variables") or {}).get("catalog", bundle["variables"]["catalog"]["default"])
    if catalog not in ("${bundle.target}", environment):
        yield f"{file}: targets.{environment} writes to the catalog {catalog!r}"


def _jobs_principal(root: Path, environment: str) -> Iterator[str]:
    """Every job runs as the principal that Airflow signs in as: whose name governance takes for {jobs}."""
    file = root / "databricks/databricks.yml"
    target = msgspec.yaml.decode(file.read_text())["targets"].get(environment) or {}
    if (told := target.get("run_as")) != JOBS_RUN_AS:
        yield f"{file}: targets.{environment}.run_as is {told}; policies exempt {JOBS_RUN_AS} as {{jobs}}"
    for resource in sorted((root / "databricks/resources").glob("*.yml")):
        for name, job in (msgspec.yaml.decode(resource.read_text())["resources"].get("jobs") or {}).items():
            if (own := job.get("run_as", JOBS_RUN_AS)) != JOBS_RUN_AS:
                yield f"{resource}: jobs.{name}.run_as is {own}: no policy exempts it as {{jobs}}, remove it"
    signs_in = SIGNS_IN.findall((root / "terraform" / PLATFORM / "mwaa/main.tf").read_text())
    github = root / ".github/repository.yaml"
    variables = msgspec.yaml.decode(github.read_text())["variables"][INNOVATION]
    for flow in sorted((root / ".github/workflows").glob("*.yml")):
        for variable in set(re.findall(r"BUNDLE_VAR_run_as: \$\{\{ vars\.(\w+) \}\}", flow.read_text())):
            if PRINCIPAL.findall(str(variables.get(variable))) != signs_in:
                said = f"{flow.name} gives the bundle's run_as {variable}, {variables.get(variable)!r}"
                yield f"{github}: {said}; policies exempt as {{jobs}} whom Airflow signs in as, {', '.join(signs_in)}"


def _airflow(root: Path, home: Path) -> Iterator[str]:
    """Airflow's options are known to the code, and the pool has as many slots as they say."""
    file, given = home / VALUES, stack(home, PLATFORM, "mwaa")
    known = OPTION.findall((root / "plugins/anthill/settings.py").read_text())
    expressions = [re.sub(r"{\w+}", r"\\w+", name) for name in known]
    own = set(SET.findall((root / "terraform" / PLATFORM / "mwaa/main.tf").read_text()))
    options = given.get("airflow_options", {})
    for option in options:
        section, _, name = option.partition(".")
        if section == "anthill" and not any(re.fullmatch(each, name) for each in expressions):
            names = ", ".join(sorted(known))
            yield f"{file}: mwaa.airflow_options has {option}, which nothing reads; known are {names}"
        if option in own:
            yield f"{file}: mwaa.airflow_options has {option}, which the stack sets itself"
    slots = json.loads((root / "include/pools.json").read_text())["polygon"]["slots"]
    if int(wanted := options.get("anthill.pool_slots", slots)) != slots:
        yield f"{file}: anthill.pool_slots is {wanted}, and include/pools.json gives the pool {slots} slots"
    if prefix := given.get("job_prefix"):
        yield f"{file}: job_prefix is {prefix!r}, and the bundle's jobs have no prefix in a production target"
    signs_in = stack(home, PLATFORM, "databricks").get("databricks_auth", "federated")
    if given.get("databricks_auth", "federated") != signs_in:
        yield f"{file}: mwaa.databricks_auth differs from databricks'"
    if "polygon_default" not in given.get("connections", ["polygon_default"]):
        yield f"{file}: connections lacks polygon_default"


def _principals(root: Path, home: Path) -> Iterator[str]:
    """Whoever is granted something is a group that the workspace knows."""
    file = home / VALUES
    groups = set(stack(home, PLATFORM, "databricks")["user_group_ids"])
    given = stack(home, INNOVATION, "catalog")
    places = [who for place in given.get("places", {}).values() for groups in place.values() for who in groups]
    named = {file: {*given.get("group_privileges", {}), *places, *given.get("bronze_readers", [])}}
    for declared in sorted((root / "include/grants").glob("*.yaml")):
        document = msgspec.yaml.decode(declared.read_text())
        readers = [*document.get("tables", {}).values(), *(each["grants"] for each in document.get("securables", []))]
        named[declared] = {principal for grants in readers for principal in grants}
    for place, principals in named.items():
        if unknown := sorted(principals - groups):
            yield f"{place}: {', '.join(unknown)} are no groups in user_group_ids of {file}"


def _one_writer(root: Path, home: Path) -> Iterator[str]:
    """What Terraform grants is not in include/grants: each of the two would take away what the other gives."""
    shared = values(home / VALUES)["environment"]
    modules = [file.read_text() for file in sorted((root / "terraform/modules").glob("*/*.tf"))]
    written = {kind for text in modules for block in GRANTS.findall(text) for kind in WRITTEN.findall(block)}
    places = set(stack(home, INNOVATION, "catalog").get("places", {}))
    for file in sorted((root / "include/grants").glob("*.yaml")):
        for each in GrantsFile(file, shared).securables:
            if each.type in written and (each.type != "schema" or each.name.partition(".")[2] in places):
                yield f"{each.at()}: Terraform grants the {each.type} {each.name}: say it there, and remove it here"


def placeholders(environment: str, root: Path = ROOT, later: Collection[str] = ()) -> Iterator[str]:
    """What is still as published, and no account, key or mailbox of anybody; but for names that are told `later`."""
    home = root / "terraform/environments" / environment
    for file in (home / VALUES, home / STATE):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = PLACEHOLDERS.search(line)
            if found and line.partition("=")[0].strip() not in later:
                yield f"{file}:{number}: {found.group()} is a placeholder"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 where everything fits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", choices=environments(), action="append", help="all of them without it")
    parser.add_argument(
        "--deployable", action="store_true", help="refuse placeholders, and providers that are not locked"
    )
    asked = parser.parse_args(arguments)
    wrong = []
    for environment in asked.environment or environments():
        wrong += problems(environment)
        wrong += placeholders(environment) if asked.deployable else []
    wrong += refusals(locked()) if asked.deployable else []
    if wrong:
        return workflow.fail("\n".join(line.replace(f"{ROOT}/", "") for line in wrong))
    workflow.summary(f"The configuration of {', '.join(asked.environment or environments())} fits together.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
