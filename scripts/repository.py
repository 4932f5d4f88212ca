"""Make GitHub hold what .github/repository.yaml declares: `make github ENV=dev` shows it, `APPLY=1` writes it.

Environments with their approvers, refs and variables, the teams' right to write, rulesets, and the form of the tokens
that the clouds trust. What is there and not declared stays, but for refs and approvers: these are exactly the declared.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from scripts import workflow
from scripts.configuration import PLATFORM, stack
from scripts.github import GitHub, RefusedError, token
from scripts.variables import Known, published
from terraform.root import TEAMS, VALUES, environments

ROOT = Path(__file__).parents[1]
FILE = ".github/repository.yaml"
# Tokens of repositories made since then name owner and repository with their ids.
WITH_IDS = "2026-07-15"
LACKS = {
    "free": "no ruleset, no limit on refs and no approval of environments (GitHub Team has the first two)",
    "team": "no approval of environments (GitHub Enterprise has it)",
}


@dataclass(frozen=True)
class Difference:
    """One thing that GitHub holds otherwise than declared, and the call that mends it."""

    what: str
    found: Any
    wanted: Any
    call: tuple[str, str, Any]  # method, path, body

    def told(self) -> str:
        """A line: + is new, ~ changes, - goes."""
        if not self.found:
            return f"+ {self.what}: {_words(self.wanted)}"
        return f"{'~' if self.wanted else '-'} {self.what}: {_words(self.found)} → {_words(self.wanted)}"


@dataclass(frozen=True)
class Place:
    """A GitHub environment: from which refs a job may run in it, which team approves, what it is told."""

    name: str
    refs: frozenset[str]
    approvers: str | None = None  # a team of GitHub's
    variables: tuple[tuple[str, str], ...] = ()


def declared(root: Path = ROOT) -> dict[str, Any]:
    """The file; RuntimeError where approval is off beyond dev."""
    found: dict[str, Any] = msgspec.yaml.decode((root / FILE).read_text())
    if off := [name for name, given in found["cloud"].items() if name != "dev" and not given.get("approval", True)]:
        raise RuntimeError(f"{FILE}: cloud.{off[0]}.approval is off, which dev's alone may be")
    return found


def places(given: dict[str, Any], environment: str) -> Iterator[Place]:
    """The GitHub environments of one environment, and those of the repository."""
    cloud, teams = _cloud(given, environment), given["teams"]
    everywhere = {name: value for name, value in given["variables"].items() if isinstance(value, str)}
    for team in TEAMS:
        own = {**everywhere, **given["variables"].get(team, {})}
        approvers = teams[team] if cloud["approval"] else None
        told = {
            **own,
            **({"APPROVERS": approvers} if approvers else {}),
        }  # a change that nobody approves destroys nothing
        yield Place(f"{environment}-{team}", frozenset(cloud["changes"]), approvers, tuple(told.items()))
        own |= given["variables"].get(f"{team}-plan", {})
        yield Place(f"{environment}-{team}-plan", frozenset(cloud["looks"]), None, tuple(own.items()))
    yield Place(f"{environment}-notification", frozenset(cloud["notifies"]), None, tuple(given["notification"].items()))
    for name, place in given["environments"].items():
        yield Place(name, frozenset(place["from"]), teams.get(place.get("approval")))


def differences(github: GitHub, given: dict[str, Any], environment: str, known: Known) -> Iterator[Difference]:
    """What differs, in the order of writing: each is compared when those before it may have been written."""
    teams = {slug: _team(github, slug) for slug in given["teams"].values()}
    yield from _writers(github, teams)
    subject = "actions/oidc/customization/sub"
    if not (form := github.read(subject) or {}).get("use_default", True):
        wanted = {"use_default": True}
        yield Difference("form of the tokens' subject", form, wanted, ("PUT", subject, wanted))
    for place in places(given, environment):
        yield from _protection(github, place, teams)
        yield from _refs(github, place)
        yield from _variables(github, place, known, f"environments/{place.name}/variables")
    previewing = tuple(given["pull_requests"].get(environment, {}).items())
    looks = Place(f"{environment}-pull-request-plan", frozenset(), None, previewing)
    yield from _variables(github, looks, known, "actions/variables")
    yield from _rulesets(github, given, teams)


def hindrances(github: GitHub, environment: str, root: Path = ROOT) -> Iterator[str]:
    """What no call can mend: said before anything is written."""
    repository, owner = github.read(""), github.owner
    if repository is None:
        raise RefusedError(f"GitHub has no {github.repository}, or hides it from this token: `repository` in {VALUES}")
    if (organisation := github.read(f"/orgs/{owner}")) is None:
        yield f"{owner} is a person, and approvers are teams: move the repository to an organisation"
        return
    plan = (organisation.get("plan") or {}).get("name", "")
    if repository["visibility"] != "public" and plan in LACKS:
        yield f"{github.repository} is {repository['visibility']}, where {owner}'s plan {plan!r} has {LACKS[plan]}"
    named = stack(root / "terraform/environments" / environment, PLATFORM, "security")["repository"]
    with_ids = f"{owner}@{repository['owner']['id']}/{repository['name']}@{repository['id']}"
    if named != with_ids and ("@" in named or repository["created_at"] >= WITH_IDS):
        yield f"{environment}/{VALUES}: `repository` of security and databricks is {named}, its tokens say {with_ids}"


def _cloud(given: dict[str, Any], environment: str) -> dict[str, Any]:
    return {**given["cloud"]["default"], **given["cloud"].get(environment, {})}


def _team(github: GitHub, slug: str) -> int:
    if (found := github.read(f"/orgs/{github.owner}/teams/{slug}")) is None:
        raise RefusedError(f"{github.owner} has no team {slug} that this token sees: create it, or see {FILE}")
    return int(found["id"])


def _writers(github: GitHub, teams: dict[str, int]) -> Iterator[Difference]:
    for slug in teams:
        path = f"/orgs/{github.owner}/teams/{slug}/repos"
        held = {each["full_name"]: each["permissions"] for each in github.listed(path)}
        if not held.get(github.repository, {}).get("push"):
            call = ("PUT", f"{path}/{github.repository}", {"permission": "push"})
            yield Difference(f"team {slug}", None, "may write", call)


def _protection(github: GitHub, place: Place, teams: dict[str, int]) -> Iterator[Difference]:
    path = f"environments/{place.name}"
    found = github.read(path) or {}
    asked = next((r for r in found.get("protection_rules", []) if r["type"] == "required_reviewers"), {})
    reviewers = [each["reviewer"] for each in asked.get("reviewers", [])]
    limited = (found.get("deployment_branch_policy") or {}).get("custom_branch_policies", False)
    held = {
        "approved by": sorted(each.get("slug") or each["login"] for each in reviewers),
        "not by who started it": asked.get("prevent_self_review", False),
        "limited to refs": limited,
    }
    approves = bool(place.approvers)
    wanted = {
        "approved by": [place.approvers] if place.approvers else [],
        "not by who started it": approves,
        "limited to refs": True,
    }
    body: dict[str, Any] = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
    if approves or asked:  # a plan that has no approval refuses the very words
        ids = [{"type": "Team", "id": teams[place.approvers]}] if place.approvers else []
        body |= {"reviewers": ids, "prevent_self_review": approves}
    if held != wanted:
        yield Difference(place.name, found and held, wanted, ("PUT", path, body))


def _refs(github: GitHub, place: Place) -> Iterator[Difference]:
    path, what = f"environments/{place.name}/deployment-branch-policies", f"{place.name}, a job may run from"
    held = {
        f"{'tags/' if each['type'] == 'tag' else ''}{each['name']}": each["id"]
        for each in github.listed(path, "branch_policies")
    }
    for ref in sorted(place.refs - set(held)):
        body = {"name": ref.removeprefix("tags/"), "type": "tag" if ref.startswith("tags/") else "branch"}
        yield Difference(what, None, ref, ("POST", path, body))
    for ref in sorted(set(held) - place.refs):
        yield Difference(what, ref, None, ("DELETE", f"{path}/{held[ref]}", None))


def _variables(github: GitHub, place: Place, known: Known, path: str) -> Iterator[Difference]:
    held = {each["name"]: each["value"] for each in github.listed(path, "variables")} if place.variables else {}
    for name, template in place.variables:
        value, before = known(place.name, name, template), held.get(name)
        if value is not None and value != before:
            method, where = ("PATCH", f"{path}/{name}") if name in held else ("POST", path)
            yield Difference(f"{place.name}, {name}", before, value, (method, where, {"name": name, "value": value}))
    if "APPROVERS" in held and not place.approvers:
        yield Difference(f"{place.name}, APPROVERS", held["APPROVERS"], None, ("DELETE", f"{path}/APPROVERS", None))


def _rulesets(github: GitHub, given: dict[str, Any], teams: dict[str, int]) -> Iterator[Difference]:
    held = {each["name"]: each["id"] for each in github.listed("rulesets")}
    for ruleset in given["rulesets"]:
        around = [teams[given["teams"][team]] for team in ruleset.get("bypass", [])]
        actors = [{"actor_id": team, "actor_type": "Team", "bypass_mode": "always"} for team in around]
        wanted = {**{key: value for key, value in ruleset.items() if key != "bypass"}, "bypass_actors": actors}
        path = f"rulesets/{held[ruleset['name']]}" if ruleset["name"] in held else None
        found = github.read(path) if path else None
        if not _holds(found, wanted):
            kept = {key: found.get(key) for key in wanted} if found else None
            call = ("PUT", path, wanted) if path else ("POST", "rulesets", wanted)
            yield Difference(f"ruleset {ruleset['name']!r}", kept, wanted, call)


def _holds(found: Any, wanted: Any) -> bool:
    """Whether what was found is as wanted: GitHub adds to a rule parameters that nobody gave it, but no rule."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_holds(found.get(key), each) for key, each in wanted.items())
    if isinstance(wanted, list):
        pairs = zip(sorted(found or [], key=_order), sorted(wanted, key=_order), strict=False)
        return len(found or []) == len(wanted) and all(_holds(*pair) for pair in pairs)
    return bool(found == wanted)


def _order(each: Any) -> str:
    return str(each.get("type") or each.get("context") or each.get("actor_id")) if isinstance(each, dict) else str(each)


def _words(value: Any) -> str:
    if isinstance(value, dict) and "rules" in value:
        return json.dumps(value["rules"]) + (" for all but a team" if value.get("bypass_actors") else " for all")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nobody"
    return {True: "yes", False: "no", None: "none"}.get(value, str(value))


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 where what differs was shown or written; 1 where GitHub refuses, or something hinders all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", choices=environments(root / "terraform"), required=True)
    parser.add_argument("--apply", action="store_true", help="write what differs; without it nothing is written")
    parser.add_argument("--client-ids", type=Path, help="terraform/account's `terraform output -json client_ids`")
    asked = parser.parse_args(arguments)
    home = root / "terraform/environments" / asked.environment
    name = re.sub(r"@\d+", "", stack(home, PLATFORM, "security")["repository"])
    ids = json.loads(asked.client_ids.read_text()) if asked.client_ids else {}
    try:
        given, github = declared(root), GitHub(name, token())
        if met := list(hindrances(github, asked.environment, root)):
            return workflow.fail("\n".join(["Nothing was written.", *met]))
        templates = [each for place in places(given, asked.environment) for _, each in place.variables]
        known = Known(asked.environment, ids, published(asked.environment, templates, root), root)
        return _make(github, given, asked.environment, known, apply=asked.apply)
    except RuntimeError as error:
        return workflow.fail(str(error))


def _make(github: GitHub, given: dict[str, Any], environment: str, known: Known, *, apply: bool) -> int:
    print(f"{github.repository}, {environment}")
    count = 0
    for difference in differences(github, given, environment, known):
        count += 1
        print(difference.told(), flush=True)
        if apply:
            github.write(*difference.call)
    for line in sorted(known.waiting):
        print(line)
    if not count:
        print("Nothing differs.")
    elif not apply:
        print(f"{count} differ: the same command with APPLY=1 writes them.")
    elif left := [each.told() for each in differences(github, given, environment, known)]:
        return workflow.fail("\n".join(["GitHub took it, and shows otherwise:", *left]))
    else:
        print(f"{count} written, and read back.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
