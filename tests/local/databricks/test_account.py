"""The account of the local workspace is the one that Terraform makes, and its tokens are no secrets."""

from __future__ import annotations

import re
import uuid

import hcl2
import msgspec
import pytest

from anthill import catalog
from local import lake
from local.databricks.account import FILE, Account
from tests.local.databricks.workspace import ROOT

ACCOUNT = Account()
ROLES = list(msgspec.yaml.decode(FILE.read_text())["principals"])


def parsed(file: str) -> dict:
    """A Terraform file as Python has it."""
    with (ROOT / "terraform" / file).open() as text:
        return hcl2.load(text)


def default(module: str, name: str) -> dict:
    """What a module's variable is where nobody gives it a value."""
    variables = parsed(f"modules/{module}/variables.tf")["variable"]
    (found,) = (each[f'"{name}"']["default"] for each in variables if f'"{name}"' in each)
    return found


def test_service_principals_are_terraforms() -> None:
    """Those of the stack `databricks`, and the one that applies it."""
    text = (ROOT / "terraform/platform_development/databricks/main.tf").read_text()
    block = text.partition("service_principals = {")[2].partition("\n  }\n")[0]
    declared = set(re.findall(r"^    (\w+) = {$", block, re.MULTILINE))
    assert declared == {"pipeline", "bundle", "drift"}
    assert {role for role in ROLES if ACCOUNT.role(role).is_service} == {*declared, "terraform"}
    for role in ("terraform", *declared):
        assert str(uuid.UUID(ACCOUNT.role(role).name)) == ACCOUNT.role(role).name


def test_groups_are_terraforms() -> None:
    """Those that the environment's workspace is told of, and each has somebody in it."""
    environment = parsed("environments/dev/environment.tfvars")
    groups = {name.strip('"') for name in environment["stacks"]["platform_development"]["databricks"]["user_group_ids"]}
    assert groups == {"analysts", "data_engineers", "data_scientists"}
    assert {group for role in ROLES for group in ACCOUNT.role(role).groups} == {*groups, "admins"}


@pytest.mark.parametrize("role", ROLES)
def test_a_token_is_its_principals_alone_and_no_secret(role: str) -> None:
    """It says what it is."""
    principal = ACCOUNT.role(role)
    assert principal.token == f"local-{role.replace('_', '-')}-token"
    assert ACCOUNT.signed_in(principal.token) == principal
    assert ACCOUNT.signed_in(principal.token.upper()) is None


def places(stacks: dict) -> dict[str, dict[str, list[str]]]:
    """What Terraform grants on the schemas where people work, as its module puts it together."""
    rights = default("unity-catalog", "place_schemas")
    found: dict[str, dict[str, list[str]]] = {}
    for name, given in stacks["innovation_development"]["catalog"]["places"].items():
        read, make = ([text.strip('"') for text in rights[name][kind]] for kind in ("read", "make"))
        makers = {group.strip('"'): ["USE_SCHEMA", *read, *make] for group in given["makers"]}
        readers = {group.strip('"'): ["USE_SCHEMA", *read] for group in given.get("readers", [])}
        found[name] = {**makers, **readers}
    return found


def test_grants_and_owners_are_terraforms() -> None:
    """What the stack `catalog` grants on the catalog in dev, and whom it makes owner of the schemas."""
    text = (ROOT / "terraform/modules/unity-catalog/main.tf").read_text()
    grants = text.partition('resource "databricks_grants" "catalog" {')[2].partition("\n}\n")[0]
    lists = re.findall(r"privileges = (\[.*?\])", grants)
    assert re.findall(r"principal += var.pipeline_principal|for_each = .*var.drift_principal", grants)
    roles = ("pipeline", "drift", "bundle")
    declared = {role: msgspec.yaml.decode(held) for role, held in zip(roles, lists, strict=True)}
    stacks = parsed("environments/dev/environment.tfvars")["stacks"]
    for group, privileges in stacks["innovation_development"]["catalog"]["group_privileges"].items():
        declared[group.strip('"')] = [privilege.strip('"') for privilege in privileges]
    catalog = msgspec.yaml.decode(FILE.read_text())["catalog"]
    assert catalog["grants"] == declared
    assert catalog["schemas"] == places(stacks)
    schema = text.partition('resource "databricks_schema" "this" {')[2].partition("\n}\n")[0]
    assert re.findall(r"^  owner += (.*)$", schema, re.MULTILINE) == ["var.pipeline_principal"]
    assert (catalog["owner"], catalog["schema_owner"]) == ("terraform", "pipeline")


def test_who_makes_models_is_terraforms() -> None:
    """The principal whom the stack `catalog` names, in the schema that it names, with what its module gives."""
    (module,) = (each['"catalog"'] for each in parsed("innovation_development/catalog/main.tf")["module"])
    made = {schema: str(who).strip("${}").rpartition(".")[2] for schema, who in module["model_makers"].items()}
    text = (ROOT / "terraform/modules/unity-catalog/main.tf").read_text()
    grant = text.partition('resource "databricks_grant" "model_maker" {')[2].partition("\n}\n")[0]
    (privileges,) = map(msgspec.yaml.decode, re.findall(r"privileges = (\[.*\])", grant))
    catalog = msgspec.yaml.decode(FILE.read_text())["catalog"]
    assert catalog["model_makers"] == {schema: {who: privileges} for schema, who in made.items()}


def test_who_reads_and_writes_files_is_terraforms() -> None:
    """The grants on the external locations of dev, whose names the stack `catalog` gives."""
    text = (ROOT / "terraform/modules/unity-catalog/main.tf").read_text()
    grants = text.partition('resource "databricks_grants" "location" {')[2].partition("\n}\n")[0]
    reads, writes, readers = map(msgspec.yaml.decode, re.findall(r"(\[\"(?:READ|WRITE).*?\])", grants))
    modules = parsed("innovation_development/catalog/main.tf")["module"]
    (module,) = (each['"catalog"'] for each in modules if '"catalog"' in each)
    zones = module["zones"]
    given = parsed("environments/dev/environment.tfvars")["stacks"]["innovation_development"]["catalog"]
    pipeline = ACCOUNT.role("pipeline").name
    held = {
        zone: {pipeline: reads, **{group.strip('"'): readers for group in given["bronze_readers"]}}
        if zone == "bronze"
        else {pipeline: reads if each.get("read_only") else reads + writes}
        for zone, each in zones.items()
    }
    folders = ["drop/", "polygon_stream/", *(f"{catalog.load(name).source}/" for name in catalog.asset_classes())]
    places = [(zone, folder) for zone, each in zones.items() for folder in (folders if "folders" in each else [""])]
    named = {
        f"anthill-dev-{'-'.join(filter(None, (zone, folder.strip('/'))))}": (zone, folder) for zone, folder in places
    }
    assert {name: f"s3://anthill-dev-{zone}/{folder}" for name, (zone, folder) in named.items()} == lake.LOCATIONS
    assert ACCOUNT.location_grants == {name: held[zone] for name, (zone, _) in named.items()}
    assert [zone for zone, each in zones.items() if each.get("read_only")] == ["bronze", "personal"]


def test_the_stacks_schemas_are_terraforms() -> None:
    """Each in its zone's bucket, under its own name."""
    stacks = parsed("environments/dev/environment.tfvars")["stacks"]
    known = default("unity-catalog", "place_schemas")
    zones = {name: known[name]["zone"].strip('"') for name in stacks["innovation_development"]["catalog"]["places"]}
    zones |= {name: schema["zone"].strip('"') for name, schema in default("unity-catalog", "schemas").items()}
    assert {name: f"s3://anthill-dev-{zone}/{name}" for name, zone in zones.items()} == lake.SCHEMAS


def test_who_uses_the_warehouse_is_terraforms() -> None:
    """The groups of the stack `compute`, where an environment names no others."""
    given = parsed("environments/dev/environment.tfvars")["stacks"]["innovation_development"]["compute"]["warehouse"]
    text = (ROOT / "terraform/innovation_development/compute/variables.tf").read_text()
    (default,) = re.findall(r"user_groups\s+= optional\(list\(string\), (\[.*?\])\)", text)
    assert ACCOUNT.warehouse_users == given.get("user_groups", msgspec.yaml.decode(default))
