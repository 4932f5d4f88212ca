"""A GitHub that holds one repository's settings and refuses what GitHub refuses, in GitHub's words.

From the REST API's documentation (environments, deployment branch policies, variables, rules) and from issues that
quote its answers: an environment's approvals need Enterprise in a private repository, limits and rulesets a paid plan.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OWNER, NAME = "anthill", "anthill"
RULES = {"creation", "update", "deletion", "non_fast_forward", "required_linear_history", "required_signatures"}
REVIEW = {
    "required_approving_review_count",
    "dismiss_stale_reviews_on_push",
    "require_code_owner_review",
    "require_last_push_approval",
    "required_review_thread_resolution",
}
TOKEN = "a token of the test"


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, message: str):
        self.code, self.message = code, message
        super().__init__(message)


@dataclass
class Repository:
    """What GitHub holds, and the writing calls it took."""

    visibility: str = "public"
    plan: str = "free"
    organisation: bool = True
    created_at: str = "2026-01-05T08:00:00Z"
    teams: dict[str, int] = field(default_factory=lambda: {"platform-development": 11, "innovation-development": 12})
    writers: set[str] = field(default_factory=set)
    environments: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)  # of pull request 5, the only one
    rulesets: dict[int, Any] = field(default_factory=dict)
    subject: dict[str, Any] = field(default_factory=lambda: {"use_default": True})
    written: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Status and document."""
        own = f"/repos/{OWNER}/{NAME}"
        routes: list[tuple[str, Callable[..., tuple[int, Any]]]] = [
            (rf"{own}", self._repository),
            (rf"/orgs/{OWNER}", self._organisation),
            (rf"/orgs/{OWNER}/teams/([\w-]+)", self._team),
            (rf"/orgs/{OWNER}/teams/([\w-]+)/repos(/{OWNER}/{NAME})?", self._team_repositories),
            (rf"{own}/actions/oidc/customization/sub", self._subject),
            (rf"{own}/environments/([\w-]+)", self._environment),
            (rf"{own}/environments/([\w-]+)/deployment-branch-policies(?:/(\d+))?", self._policies),
            (rf"{own}/environments/([\w-]+)/variables(?:/(\w+))?", self._variables),
            (rf"{own}/actions/variables(?:/(\w+))?", self._own_variables),
            (rf"{own}/issues/(\d+)/comments", self._comments),
            (rf"{own}/issues/comments/(\d+)", self._comment),
            (rf"{own}/rulesets(?:/(\d+))?", self._rulesets),
        ]
        for pattern, respond in routes:
            if found := re.fullmatch(pattern, path):
                status, document = respond(method, *found.groups(), query=query, body=body)
                if method != "GET":
                    self.written.append((method, path))
                return status, document
        raise RefusedError(404, "Not Found")

    @property
    def _private(self) -> bool:
        return self.visibility != "public"

    def _repository(self, method: str, **_: Any) -> tuple[int, Any]:
        told = {"id": 7, "name": NAME, "full_name": f"{OWNER}/{NAME}", "owner": {"login": OWNER, "id": 5}}
        return 200, {**told, "visibility": self.visibility, "created_at": self.created_at}

    def _organisation(self, method: str, **_: Any) -> tuple[int, Any]:
        if not self.organisation:
            raise RefusedError(404, "Not Found")
        return 200, {"login": OWNER, "plan": {"name": self.plan}}

    def _team(self, method: str, slug: str, **_: Any) -> tuple[int, Any]:
        if slug not in self.teams:
            raise RefusedError(404, "Not Found")
        return 200, {"slug": slug, "id": self.teams[slug]}

    def _team_repositories(self, method: str, slug: str, one: str | None, *, query: Any, body: Any) -> tuple[int, Any]:
        if method == "PUT" and one:
            if body != {"permission": "push"}:
                raise RefusedError(422, "Validation Failed")
            self.writers.add(slug)
            return 204, None
        held = [{"full_name": f"{OWNER}/other-{n}", "permissions": {"push": True}} for n in range(35)]
        own = {"full_name": f"{OWNER}/{NAME}", "permissions": {"push": True}}
        return 200, _page(held + ([own] if slug in self.writers else []), query, most=100)

    def _subject(self, method: str, *, query: Any, body: Any) -> tuple[int, Any]:
        if method == "PUT":
            self.subject = body
            return 201, {}
        return 200, self.subject

    def _environment(self, method: str, name: str, *, query: Any, body: Any) -> tuple[int, Any]:
        if method == "PUT":
            self._may_protect(body)
            policy, reviewers = body.get("deployment_branch_policy"), body.get("reviewers") or []
            if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
                raise RefusedError(422, "protected_branches and custom_branch_policies cannot have the same value")
            slugs = [slug for each in reviewers for slug, number in self.teams.items() if number == each["id"]]
            if len(reviewers) > 6 or len(slugs) != len(reviewers) or not set(slugs) <= self.writers:
                raise RefusedError(422, "Failed to create the environment protection rule. Reviewers need access.")
            kept = self.environments.setdefault(name, {"policies": {}, "variables": {}})
            kept.update(policy=policy, reviewers=slugs, self_review=body.get("prevent_self_review", False))
        elif name not in self.environments:
            raise RefusedError(404, "Not Found")
        return 200, self._told(name)

    def _may_protect(self, body: Any) -> None:
        if unknown := set(body) - {"wait_timer", "prevent_self_review", "reviewers", "deployment_branch_policy"}:
            raise RefusedError(422, f"Invalid request. {', '.join(unknown)} are not permitted keys.")
        if self._private and self.plan == "free" and body.get("deployment_branch_policy"):
            raise RefusedError(
                422, "Fail to create protected rule, please ensure billing plan include protected branch gate."
            )
        if self._private and self.plan in ("free", "team") and {"reviewers", "prevent_self_review"} & set(body):
            raise RefusedError(
                422,
                "Failed to create the environment protection rule. Please ensure the billing plan supports the required"
                " reviewers protection rule.",
            )

    def _told(self, name: str) -> Any:
        kept, rules = self.environments[name], [{"id": 1, "type": "branch_policy"}]
        if kept["reviewers"]:
            listed = [{"type": "Team", "reviewer": {"slug": s, "id": self.teams[s]}} for s in kept["reviewers"]]
            asked = {"type": "required_reviewers", "prevent_self_review": kept["self_review"], "reviewers": listed}
            rules.append({"id": 2, **asked})
        return {"name": name, "protection_rules": rules, "deployment_branch_policy": kept["policy"]}

    def _policies(self, method: str, name: str, number: str | None, *, query: Any, body: Any) -> tuple[int, Any]:
        kept = self.environments.get(name)
        if kept is None or (method == "POST" and not (kept["policy"] or {}).get("custom_branch_policies")):
            raise RefusedError(404, "Not Found")
        policies = kept["policies"]
        if method == "POST":
            if set(body) - {"name", "type"} or body.get("type", "branch") not in ("branch", "tag"):
                raise RefusedError(422, "Validation Failed")
            if body in policies.values():
                raise RefusedError(303, "See Other")
            policies[max(policies, default=0) + 1] = body
            return 200, body
        if method == "DELETE":
            if policies.pop(int(number or 0), None) is None:
                raise RefusedError(404, "Not Found")
            return 204, None
        listed = [{"id": each, **policy} for each, policy in policies.items()]
        return 200, {"total_count": len(listed), "branch_policies": _page(listed, query, most=100)}

    def _variables(self, method: str, name: str, variable: str | None, *, query: Any, body: Any) -> tuple[int, Any]:
        if name not in self.environments:
            raise RefusedError(404, "Not Found")
        return self._variable(method, variable, self.environments[name]["variables"], query, body)

    def _own_variables(self, method: str, variable: str | None, *, query: Any, body: Any) -> tuple[int, Any]:
        return self._variable(method, variable, self.variables, query, body)

    def _variable(
        self, method: str, variable: str | None, held: dict[str, str], query: Any, body: Any
    ) -> tuple[int, Any]:
        if method == "GET":
            listed = [{"name": each, "value": value} for each, value in held.items()]
            return 200, {"total_count": len(listed), "variables": _page(listed, query, most=30)}
        if method == "DELETE":
            if held.pop(variable or "", None) is None:
                raise RefusedError(404, "Not Found")
            return 204, None
        if not re.fullmatch(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*", body["name"]) or not isinstance(body["value"], str):
            raise RefusedError(422, "Variable names may only contain alphanumeric characters or underscores.")
        if method == "POST" and body["name"] in held:
            raise RefusedError(409, "Already exists - Variable already exists")
        if method == "PATCH" and variable not in held:
            raise RefusedError(404, "Not Found")
        held[body["name"]] = body["value"]
        return (201, {}) if method == "POST" else (204, None)

    def _comments(self, method: str, number: str, *, query: Any, body: Any) -> tuple[int, Any]:
        if number != "5":
            raise RefusedError(404, "Not Found")
        if method == "POST":
            one = max(self.comments, default=100) + 1
            self.comments[one] = self._body(body)
            return 201, {"id": one, **body}
        listed = [{"id": each, "body": text} for each, text in self.comments.items()]
        return 200, _page(listed, query, most=100)

    def _comment(self, method: str, number: str, *, query: Any, body: Any) -> tuple[int, Any]:
        if int(number) not in self.comments or method != "PATCH":
            raise RefusedError(404, "Not Found")
        self.comments[int(number)] = self._body(body)
        return 200, {"id": int(number), **body}

    def _body(self, body: Any) -> str:
        if len(body["body"]) > 65_536:
            raise RefusedError(422, "Validation Failed: Body is too long (maximum is 65536 characters)")
        return str(body["body"])

    def _rulesets(self, method: str, number: str | None, *, query: Any, body: Any) -> tuple[int, Any]:
        if self._private and self.plan == "free":
            raise RefusedError(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
        if method == "GET" and number is None:
            return 200, _page([{"id": n, "name": r["name"]} for n, r in self.rulesets.items()], query, most=100)
        if number is not None and int(number) not in self.rulesets:
            raise RefusedError(404, "Not Found")
        if method in ("POST", "PUT"):
            one = int(number or max(self.rulesets, default=0) + 1)
            self._valid(body, one)
            self.rulesets[one] = {
                "id": one,
                "source_type": "Repository",
                **body,
                "rules": [_kept(r) for r in body["rules"]],
            }
            return 201 if method == "POST" else 200, self.rulesets[one]
        return 200, self.rulesets[int(number or 0)]

    def _valid(self, body: Any, number: int) -> None:
        if any(each["name"] == body["name"] and n != number for n, each in self.rulesets.items()):
            raise RefusedError(422, "Validation Failed: Name must be unique")
        if unknown := set(body) - {"name", "target", "enforcement", "bypass_actors", "conditions", "rules"}:
            raise RefusedError(422, f"Invalid request. {', '.join(unknown)} are not permitted keys.")
        before = {"branch": r"~DEFAULT_BRANCH|~ALL|refs/heads/.+", "tag": r"~ALL|refs/tags/.+"}[body["target"]]
        names = body["conditions"]["ref_name"]
        if body["enforcement"] not in ("active", "evaluate", "disabled") or not all(
            re.fullmatch(before, ref) for ref in [*names["include"], *names["exclude"]]
        ):
            raise RefusedError(422, "Validation Failed: Invalid target patterns")
        for actor in body.get("bypass_actors", []):
            if actor["actor_type"] != "Team" or actor["actor_id"] not in self.teams.values():
                raise RefusedError(
                    422, "Validation Failed: Actor must be part of the ruleset source or owner organization"
                )
        for position, rule in enumerate(body["rules"]):
            given = set(rule.get("parameters", {}))
            fits = rule["type"] in RULES and not given
            fits |= rule["type"] == "pull_request" and given >= REVIEW
            checks = {"strict_required_status_checks_policy", "required_status_checks"}
            fits |= rule["type"] == "required_status_checks" and given >= checks
            if not fits:
                raise RefusedError(422, f"Invalid property /rules/{position}: data matches no possible input.")


def _kept(rule: Any) -> Any:
    """A rule as it is read back, with what GitHub adds."""
    added = {
        "pull_request": {"allowed_merge_methods": ["merge", "squash", "rebase"], "required_reviewers": []},
        "required_status_checks": {"do_not_enforce_on_create": False},
    }.get(rule["type"])
    return {**rule, "parameters": {**added, **rule["parameters"]}} if added else rule


def _page(items: list[Any], query: dict[str, str], *, most: int) -> list[Any]:
    size, page = min(int(query.get("per_page", 30)), most), int(query.get("page", 1))
    return items[(page - 1) * size : page * size]


@contextmanager
def serving(repository: Repository) -> Iterator[str]:
    """The address of a server that answers for the repository."""

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            address, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            query = {name: values[-1] for name, values in parse_qs(address.query).items()}
            try:
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    raise RefusedError(401, "Bad credentials")
                status, document = repository.answer(self.command, address.path, query, body)
            except RefusedError as refused:
                status, document = refused.code, {"message": refused.message}
            data = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _respond  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
