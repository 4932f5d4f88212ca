"""What the Databricks account has once: its groups, a metastore a region, a principal for each Terraform."""

from __future__ import annotations

from databricks.sdk.errors import NotFound

from scripts.first_day.place import Place
from scripts.first_day.step import MissingError
from terraform.root import TEAMS


def signed_in(place: Place) -> str:
    """The account lets the caller read what account admins read."""
    list(place.databricks.metastores.list())
    return f"account {place.databricks_account}"


def groups(place: Place) -> str:
    """The groups of people, and the admins', under the ids that the databricks stack is told."""
    given = place.given("platform_development", "databricks")
    for name, number in given["user_group_ids"].items():
        found = [group.id for group in place.databricks.groups_v2.list(filter=f'displayName eq "{name}"')]
        if not found:
            create = f"databricks account groups create --display-name {name}"
            raise MissingError(f"there is no group {name}, by SCIM or by hand", create)
        if str(number) not in found:
            raise MissingError(f"user_group_ids.{name} is {number}: write {found[0]}", place.edit)
    try:
        admins = place.databricks.groups_v2.get(str(given["admin_group_id"])).display_name
    except NotFound as error:
        told = f"admin_group_id {given['admin_group_id']} is no group: write one's id"
        raise MissingError(told, place.edit) from error
    return ", ".join([*given["user_group_ids"], str(admins)])


def metastore(place: Place) -> str:
    """The region's metastore, under the id that the databricks stack is told."""
    found = [each for each in place.databricks.metastores.list() if each.region == place.region]
    if not found:
        raise MissingError(f"the account has no metastore in {place.region}")
    written = place.given("platform_development", "databricks").get("metastore_id")
    if written != found[0].metastore_id:
        raise MissingError(f"metastore_id is {written}: write {found[0].metastore_id}", place.edit)
    return f"{found[0].name}, {written}"


def client_ids(place: Place) -> dict[str, str]:
    """The principals of this environment's Terraform by the GitHub environment that they sign in from."""
    jobs = [f"{place.environment}-{team}{plans}" for team in TEAMS for plans in ("", "-plan")]
    found = {}
    for job in jobs:
        name = f"{place.shared['name_prefix']}-terraform-{job}"
        for each in place.databricks.service_principals_v2.list(filter=f'displayName eq "{name}"'):
            found[job] = str(each.application_id)
    return found


def principals(place: Place) -> str:
    """Each team's Terraform has a principal that applies, and one that plans."""
    wanted = {f"{place.environment}-{team}{plans}" for team in TEAMS for plans in ("", "-plan")}
    if lacking := sorted(wanted - client_ids(place).keys()):
        raise MissingError(f"there is no principal for the Terraform of {', '.join(lacking)}")
    return f"{len(wanted)} of {place.environment}"
