"""Every step from nothing to the first market day, in the order of docs/terraform.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.first_day import aws_account, databricks_account, delivered, market_day, names, people, repository, stacks
from scripts.first_day.place import ACCOUNTS, Place
from scripts.first_day.refusals import REFUSALS, refused
from scripts.first_day.step import MissingError, Step

VALUES = "../environments/{environment}/environment.tfvars"
_BOOTSTRAP = "terraform -chdir=terraform/bootstrap"
BOOTSTRAP = f"{_BOOTSTRAP} init && {_BOOTSTRAP} apply -var-file={VALUES}"
ACCOUNT = (
    "terraform -chdir=terraform/account init -backend-config=../environments/{environment}/state.tfbackend"
    " -backend-config=key=account/databricks.tfstate"
    f" && terraform -chdir=terraform/account apply -var-file={VALUES}"
)
CLIENT_IDS = "terraform -chdir=terraform/account output -json client_ids > ids.json"

STEPS = (
    Step("names", "1. Names", "nothing is as published, all fits together", "{edit}", names.names),
    Step("locks", "1. Names", "a lock file a root", "make terraform-lock", names.locks),
    Step(
        "session",
        "2. States, and what happens",
        "a session of the AWS account",
        "aws sso login",
        aws_account.session,
    ),
    Step(
        "states",
        "2. States, and what happens",
        "the bucket of the states, its key",
        BOOTSTRAP,
        aws_account.states,
        ("session",),
    ),
    Step("trail", "2. States, and what happens", "a trail that records", BOOTSTRAP, aws_account.trail, ("session",)),
    Step(
        "tokens",
        "3. Tokens of the account",
        "an issuer of tokens for roles",
        "aws iam enable-outbound-web-identity-federation",
        aws_account.tokens,
        ("session",),
    ),
    Step(
        "databricks",
        "4. Databricks account",
        "an account admin signed in",
        f"databricks auth login --host {ACCOUNTS} --account-id {{databricks_account}}",
        databricks_account.signed_in,
        ("names",),
    ),
    Step(
        "groups",
        "4. Databricks account",
        "groups of people and of admins, by their ids",
        "databricks account groups create --display-name <group>",
        databricks_account.groups,
        ("databricks",),
    ),
    Step(
        "metastore",
        "4. Databricks account",
        "the region's metastore",
        ACCOUNT,
        databricks_account.metastore,
        ("states", "databricks"),
    ),
    Step(
        "principals",
        "4. Databricks account",
        "principals of each team's Terraform",
        ACCOUNT,
        databricks_account.principals,
        ("states", "databricks"),
    ),
    stacks.step(stacks.SECURITY, ("locks", "states")),
    Step(
        "trust",
        stacks.SECTION,
        "GitHub's OIDC, and the roles that trust it",
        f"make terraform ENV={{environment}} STACK={stacks.SECURITY} DO=apply",
        stacks.trust,
        (stacks.SECURITY,),
    ),
    Step(
        "github",
        stacks.SECTION,
        "GitHub's environments, approvers, rules, and variables as far as they are known",
        f"{CLIENT_IDS} && make github ENV={{environment}} APPLY=1 CLIENT_IDS=ids.json",
        repository.settings,
        (stacks.SECURITY, "principals"),
    ),
    *(stacks.step(stack, (stacks.SECURITY,)) for stack in stacks.ORDER),
    Step(
        "secrets",
        "6. Secrets",
        "values of the connections' secrets, none of which is read",
        delivered.PUT.format("{prefix}/{environment}/connections/polygon_default", f"{{{delivered.POLYGON}}}"),
        delivered.secrets,
        ("platform_development/mwaa",),
    ),
    Step(
        "bundle",
        "7. Deliver",
        "the jobs in the workspace",
        "gh workflow run deliver.yml",
        delivered.jobs,
        ("github", "innovation_development/catalog", "innovation_development/compute"),
    ),
    Step(
        "delivery",
        "7. Deliver",
        "a recorded delivery, and an Airflow that is well with it",
        "make deploy ENV={environment}",
        delivered.package,
        ("secrets",),
    ),
    Step(
        "smoke",
        "7. Deliver",
        "a run of the smoke job through Airflow",
        "make smoke ENV={environment}",
        delivered.smoke,
        ("bundle", "delivery"),
    ),
    Step(
        "subscriptions",
        "8. Confirm",
        "mailboxes that have confirmed",
        "aws sns confirm-subscription --topic-arn <topic> --token <the mail's>",
        people.subscriptions,
        ("platform_development/monitoring",),
    ),
    Step(
        "cost-tags",
        "8. Confirm",
        "the tags that the bill knows",
        "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status "
        + " ".join(f"TagKey={tag},Status=Active" for tag in people.TAGS),
        people.tags,
        (stacks.SECURITY,),
    ),
    Step(
        "people",
        "9. People",
        "permission sets that open Airflow",
        "aws sso-admin attach-customer-managed-policy-reference-to-permission-set --instance-arn <instance>"
        " --permission-set-arn <set>"
        " --customer-managed-policy-reference Name={name}-airflow-op,Path=/platform_development/",
        people.airflow,
        (stacks.SECURITY,),
    ),
    Step(
        "turned-on",
        "10. The first market day",
        "an asset class whose DAG is on",
        "aws mwaa invoke-rest-api --name {name} --method PATCH --path /dags/forex --body '{{\"is_paused\": false}}'",
        market_day.turned_on,
        ("delivery",),
    ),
    Step(
        "market-day",
        "10. The first market day",
        "a market day that went through",
        "make market-day ENV={environment}",
        market_day.went_through,
        ("smoke", "turned-on"),
    ),
)
NUMBERS = {step.name: number for number, step in enumerate(STEPS, 1)}


@dataclass(frozen=True)
class Seen:
    """What was found at a step: there it stands, it is missing, or it waits for another."""

    step: Step
    stands: bool
    told: str
    command: str = ""  # what makes it; empty where it stands or waits


def look(place: Place) -> Iterator[Seen]:
    """Every step in order; a step is looked at where all stand that it comes after."""
    standing: set[str] = set()
    for step in STEPS:
        if lacking := [name for name in step.after if name not in standing]:
            first = min(lacking, key=NUMBERS.__getitem__)
            yield Seen(step, False, f"waits for {NUMBERS[first]} ({first})")
            continue
        try:
            yield Seen(step, True, step.look(place))
            standing.add(step.name)
        except MissingError as missing:
            yield Seen(step, False, str(missing), missing.command or step.makes(place))
        except REFUSALS as error:
            yield Seen(step, False, *refused(error, place))
