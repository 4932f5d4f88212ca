"""What is written before anything is made: the environment's own names, and the builds of Terraform's providers."""

from __future__ import annotations

from scripts import configuration
from scripts.first_day.place import Place
from scripts.first_day.step import MissingError
from terraform.lock import locked, refusals

# What only later steps can tell: each asks for its own.
LATER = ("state_kms_key_arn", "token_issuer", "metastore_id")


def names(place: Place) -> str:
    """Nothing in the environment's files is as published, and all of it fits together."""
    try:
        wrong = [
            *configuration.placeholders(place.environment, place.root, LATER),
            *configuration.problems(place.environment, place.root),
        ]
    except KeyError as missing:
        raise MissingError(f"{place.file} does not say {missing}") from missing
    if wrong:
        more = f" (and {len(wrong) - 1} more: make configuration)" if wrong[1:] else ""
        raise MissingError(wrong[0].replace(f"{place.root}/", "") + more)
    return f"{place.name}, account {place.account}, {place.region}"


def locks(place: Place) -> str:
    """Each root names the builds of its providers."""
    folders = locked(place.root / "terraform")
    if lacking := refusals(folders):
        raise MissingError(f"{len(lacking)} of {len(folders)} roots have no lock file")
    return f"{len(folders)} roots"
