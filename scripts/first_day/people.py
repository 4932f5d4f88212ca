"""What people have to do themselves: confirm their mailboxes, turn on the bill's tags, open Airflow to each other."""

from __future__ import annotations

from botocore.exceptions import ClientError

from scripts.first_day.place import Place
from scripts.first_day.step import MissingError

TAGS = ("environment", "team", "cost-centre")
ROLES = ("viewer", "user", "op", "admin")
PENDING = "PendingConfirmation"
BILLING = "us-east-1"  # where AWS keeps the bill of every region


def subscriptions(place: Place) -> str:
    """Everybody who is to be told has confirmed it."""
    published, count = place.published["platform_development/monitoring"], 0
    for topic in (each for name, each in published.items() if name.endswith("_arn")):
        for page in place.aws("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
            for each in page["Subscriptions"]:
                if each["SubscriptionArn"] == PENDING:
                    raise MissingError(
                        f"{each['Endpoint']} has not confirmed {topic.rpartition(':')[2]}: the mail has a link, too",
                        f"aws sns confirm-subscription --topic-arn {topic} --token <the mail's>",
                    )
                count += 1
    return f"{count} confirmed"


def tags(place: Place) -> str:
    """The bill tells environments, teams and cost centres apart; a member of an organisation is not told of it."""
    try:
        answer = place.aws("ce", BILLING).list_cost_allocation_tags(TagKeys=[*TAGS], Status="Active")
    except ClientError as error:
        if "Linked account" not in error.response["Error"]["Message"]:
            raise
        return "not seen from here: the organisation's paying account turns them on"
    active = {each["TagKey"] for each in answer["CostAllocationTags"]}
    if lacking := [tag for tag in TAGS if tag not in active]:
        told = f"the bill does not know the tags {', '.join(lacking)}: AWS lists them a day after their use"
        raise MissingError(told)
    return ", ".join(TAGS)


def airflow(place: Place) -> str:
    """A permission set, or another role, carries one of the policies that open Airflow."""
    open_to = [role for role in ROLES if _carried(place, role)]
    if not open_to:
        raise MissingError(f"no permission set carries a policy {place.name}-airflow-*: nobody can open Airflow")
    return ", ".join(open_to)


def _carried(place: Place, role: str) -> bool:
    iam, name = place.aws("iam"), f"{place.name}-airflow-{role}"
    try:
        found = iam.list_entities_for_policy(
            PolicyArn=f"arn:aws:iam::{place.account}:policy/platform_development/{name}", EntityFilter="Role"
        )
    except iam.exceptions.NoSuchEntityException as error:
        raise MissingError(f"there is no policy {name}: apply the stack security") from error
    return bool(found["PolicyRoles"])
