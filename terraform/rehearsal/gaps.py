"""What moto lacks, by name, in one place; MWAA, which it lacks as a whole, is in `mwaa.py`."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from local import policy, s3_request

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def fill() -> None:
    """Mend moto in this process."""
    _decide_bucket_policies_with_conditions()
    _complete_budgets()
    _describe_rules_between_groups()
    _keep_attributes_of_queues()


def _decide_bucket_policies_with_conditions() -> None:
    """Moto applies a Deny whatever its condition says; here the request decides, as on the local S3."""
    import flask
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    results = {"allow": PermissionResult.PERMITTED, "deny": PermissionResult.DENIED, "none": PermissionResult.NEUTRAL}

    def get_permission(bucket: Any, action: str, resource: str) -> PermissionResult:
        if bucket.policy is None:
            return PermissionResult.NEUTRAL
        request = flask.request
        headers = {name.lower(): value for name, value in request.headers.items()}
        (asked, *_) = s3_request.asked(request.method, request.path, request.args, headers)
        # CompleteMultipartUpload is a POST, and s3:PutObject to IAM.
        action = asked.action if action == "s3:PostObject" else action
        return results[policy.decide(policy.statements(bucket.policy.decode()), action, resource, asked.context)]

    FakeBucket.get_permission = get_permission  # type: ignore[method-assign, assignment]


def _complete_budgets() -> None:
    """Moto keeps a budget's subscribers but has no call that tells them, and knows nothing of a budget's tags."""
    from moto.budgets.responses import BudgetsResponse

    responses: Any = BudgetsResponse
    create, tags = responses.create_budget, dict[str, list[dict[str, str]]]()

    def create_budget(response: Any) -> str:
        arn = (
            f"arn:aws:budgets::{response._get_param('AccountId')}:budget/{response._get_param('Budget')['BudgetName']}"
        )
        tags[arn] = response._get_param("ResourceTags") or []
        return str(create(response))

    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"ResourceTags": tags.get(response._get_param("ResourceARN"), [])})

    def describe_subscribers_for_notification(response: Any) -> str:
        budget = response.backend.budgets[response._get_param("AccountId")][response._get_param("BudgetName")]
        asked = response._get_param("Notification")
        same = [n for n in budget.notifications if asked.items() <= n.details.items()]
        return json.dumps({"Subscribers": [subscriber for n in same for subscriber in n.subscribers]})

    responses.create_budget = create_budget
    responses.list_tags_for_resource = list_tags_for_resource
    responses.describe_subscribers_for_notification = describe_subscribers_for_notification


def _describe_rules_between_groups() -> None:
    """Moto keeps the description of a rule whose source is a group, and tells only those of address ranges."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    rules: Any = SecurityGroupRule
    rules.description = property(lambda rule: (rule.ip_range or rule.source_group).get("Description"))


def _keep_attributes_of_queues() -> None:
    """Moto forgets a queue's policy when another attribute is set, and does not tell which queues may redrive to it."""
    from moto.sqs.models import Queue

    queues: Any = Queue
    if "RedriveAllowPolicy" in queues.BASE_ATTRIBUTES:
        return
    change = queues._set_attributes

    def set_attributes(queue: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        change(queue, {"Policy": getattr(queue, "policy", None), **attributes}, now)

    queues._set_attributes = set_attributes
    queues.redrive_allow_policy = None
    queues.BASE_ATTRIBUTES = [*queues.BASE_ATTRIBUTES, "RedriveAllowPolicy"]


class BucketMetrics:
    """S3's request metrics of buckets, as a WSGI application: moto takes their removal for that of the bucket."""

    def __init__(self) -> None:
        self.configurations: dict[tuple[str, str], bytes] = {}

    @staticmethod
    def asked(environ: dict[str, Any]) -> bool:
        """Whether a request is about them."""
        return "metrics" in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        key = environ["PATH_INFO"].strip("/"), query["id"][0]
        status, body = "200 OK", b""
        if environ["REQUEST_METHOD"] == "PUT":
            self.configurations[key] = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        elif key not in self.configurations:
            status, body = (
                "404 Not Found",
                f'<Error xmlns="{NAMESPACE}"><Code>NoSuchConfiguration</Code></Error>'.encode(),
            )
        elif environ["REQUEST_METHOD"] == "DELETE":
            status = "204 No Content"
            del self.configurations[key]
        else:
            body = self.configurations[key]
        start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]
