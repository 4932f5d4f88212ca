"""Access keys of the flat files, which are not the API's."""

from dataclasses import dataclass

from local.polygon.answers.plans import PLANS, Plan

KEYS = "anthill-flat-files:anthill-local-secret"
"""The access key and the secret that are known when no others are given."""


@dataclass(frozen=True)
class FlatFileKey:
    """The secret of an access key, and the plan of whom it belongs to."""

    secret: str
    plan: Plan


def read_flat_file_keys(text: str, default: Plan) -> dict[str, FlatFileKey]:
    """Keys from a list `ACCESS:SECRET,ACCESS:SECRET:plan`; without a plan they get `default`."""
    keys = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        access, _, rest = entry.partition(":")
        secret, _, plan = rest.partition(":")
        if not access or not secret:
            raise ValueError(f"--flat-file-keys: {entry!r} is not written ACCESS:SECRET or ACCESS:SECRET:plan")
        if plan and plan not in PLANS:
            raise ValueError(f"--flat-file-keys: no plan {plan!r}; plans are {', '.join(PLANS)}")
        keys[access] = FlatFileKey(secret, PLANS[plan] if plan else default)
    return keys
