"""GitHub holds what is declared: environments, approvers, rules, and the variables that are known by now."""

from __future__ import annotations

import re

from scripts import repository, variables
from scripts.first_day.databricks_account import client_ids
from scripts.first_day.place import Place
from scripts.first_day.step import MissingError
from scripts.github import GitHub, token
from scripts.variables import Known


def settings(place: Place) -> str:
    """Nothing differs, as `make github` compares it."""
    environment, root, given = place.environment, place.root, repository.declared(place.root)
    name = re.sub(r"@\d+", "", place.given("platform_development", "security")["repository"])
    github = GitHub(name, token())
    if met := list(repository.hindrances(github, environment, root)):
        raise MissingError(met[0])
    templates = [each for at in repository.places(given, environment) for _, each in at.variables]
    known = Known(environment, client_ids(place), variables.published(environment, templates, root), root)
    differing = [each.what for each in repository.differences(github, given, environment, known)]
    if differing:
        raise MissingError(f"{len(differing)} settings of {name} differ, the first: {differing[0]}")
    return f"{name}, {len(known.waiting)} variables wait for stacks" if known.waiting else name
