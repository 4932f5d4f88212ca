"""Recipients of shares over REST (databricks-sdk, service/sharing.py): who they are, and by which tokens they read."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

from starlette.routing import Route

from local.databricks.audit import Audit
from local.databricks.errors import ApiError, denied, invalid, missing
from local.databricks.held import Need
from local.databricks.rights import Rights
from local.databricks.store import Document, Store
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, integer, page, route

_KINDS = ("TOKEN", "DATABRICKS")
_YEAR = 365 * 24 * 3_600_000  # milliseconds: how long a token opens at most, where nothing else is said


class RecipientsApi:
    """Handlers of /api/2.1/unity-catalog/recipients, and of the page where a recipient fetches the token."""

    def __init__(self, store: Store, rights: Rights, audit: Audit, base_url: str) -> None:
        self._store, self._rights, self._audit, self._base_url = store, rights, audit, base_url

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "unity-catalog/recipients", self._audit.kept
        return [
            route("GET", at, self.all),
            route("POST", at, kept("createRecipient", self.create)),
            route("GET", f"{at}/{{name}}", self.get),
            route("PATCH", f"{at}/{{name}}", kept("updateRecipient", self.update)),
            route("DELETE", f"{at}/{{name}}", kept("deleteRecipient", self.delete)),
            route("POST", f"{at}/{{name}}/rotate-token", kept("rotateRecipientToken", self.rotate)),
            route("GET", f"{at}/{{name}}/share-permissions", self.permissions),
            route("GET", "unity-catalog/public/data_sharing_activation/{code}", self.activate),
        ]

    async def all(self, given: Parameters) -> Document:
        """Those that the caller made; all for an owner of the metastore."""
        found = [
            _shown(each) for each in self._store.all("recipients") if self._rights.manages("recipients", each["name"])
        ]
        shown, more = page(found, given, "max_results", 1000, 1000)
        return {"recipients": shown, **more} if shown else more

    async def create(self, given: Parameters) -> Document:
        """A new one; for who may make recipients."""
        self._rights.check(caller(), [Need("CREATE_RECIPIENT", "metastore", self._rights.METASTORE)])
        name, kind = str(given.get("name") or ""), given.get("authentication_type")
        if not name:
            raise invalid("Missing required field: name")
        if kind not in _KINDS:
            raise invalid(f"authentication_type must be one of {', '.join(_KINDS)}, not {kind!r}.")
        if kind == "DATABRICKS" and not given.get("data_recipient_global_metastore_id"):
            raise invalid("A recipient of DATABRICKS has a data_recipient_global_metastore_id.")
        if self._store.get("recipients", name) is not None:
            raise ApiError(409, "RECIPIENT_ALREADY_EXISTS", f"Recipient '{name}' already exists.")
        kept = ("comment", "data_recipient_global_metastore_id")
        made: Document = {"name": name, "authentication_type": kind, **{k: given[k] for k in kept if given.get(k)}}
        made |= {"owner": caller().name, "created_at": now(), "created_by": caller().name, "activated": False}
        if kind == "TOKEN":
            made["tokens"] = [self._token(given.get("expiration_time"))]
        return self._keep(made)

    async def get(self, given: Parameters) -> Document:
        """One by its name."""
        return _shown(self._managed(given))

    async def update(self, given: Parameters) -> Document:
        """Another comment, or another end of the tokens."""
        recipient = self._managed(given)
        recipient |= {key: given[key] for key in ("comment",) if key in given}
        if given.get("expiration_time"):
            for token in recipient.get("tokens", []):
                token["expiration_time"] = _future(given["expiration_time"])
        return self._keep(recipient)

    async def rotate(self, given: Parameters) -> Document:
        """Another token; the one before opens for as long as is said."""
        recipient = self._managed(given)
        if recipient["authentication_type"] != "TOKEN":
            raise invalid(f"Recipient '{recipient['name']}' has no tokens.")
        until = now() + 1000 * integer(given, "existing_token_expire_in_seconds")
        for token in recipient["tokens"]:
            token["expiration_time"] = min(token["expiration_time"], until)
        recipient["tokens"] = [self._token(None), *recipient["tokens"][:1]]
        return self._keep(recipient)

    async def delete(self, given: Parameters) -> Document:
        """Remove one, and what it was given."""
        name = self._managed(given)["name"]
        for share in self._store.all("shares"):
            if share["permissions"].pop(name, None):
                self._store.put("shares", share["name"], share)
        self._store.delete("recipients", name)
        return {}

    async def permissions(self, given: Parameters) -> Document:
        """The shares that a recipient may read."""
        name = self._managed(given)["name"]
        told = [
            {
                "share_name": share["name"],
                "privilege_assignments": [{"principal": name, "privileges": share["permissions"][name]}],
            }
            for share in self._store.all("shares")
            if name in share["permissions"]
        ]
        return {"permissions_out": told} if told else {}

    async def activate(self, given: Parameters) -> Document:
        """The profile of a recipient, to who has the link: once, as the service does."""
        code = _digest(given["code"].rpartition("?")[2])
        for recipient in self._store.all("recipients"):
            for token in recipient.get("tokens", []):
                if token.get("code") == code:
                    opened = secrets.token_hex(32)
                    token |= {"code": None, "bearer": _digest(opened)}
                    self._store.put("recipients", recipient["name"], {**recipient, "activated": True})
                    expires = token["expiration_time"]
                    return {
                        "shareCredentialsVersion": 1,
                        "endpoint": f"{self._base_url}/delta-sharing",
                        "bearerToken": opened,
                        "expirationTime": _moment(expires),
                    }
        raise missing("RESOURCE_DOES_NOT_EXIST", "The activation link is unknown, or was used before.")

    def _token(self, until: object) -> Document:
        code = secrets.token_hex(16)
        return {
            "id": str(uuid.uuid4()),
            "activation_url": f"{self._base_url}/delta_sharing/retrieve_config.html?{code}",
            "code": _digest(code),
            "created_at": now(),
            "expiration_time": _future(until) if until else now() + _YEAR,
        }

    def _managed(self, given: Parameters) -> Document:
        recipient = self._store.get("recipients", given["name"])
        if recipient is None:
            raise missing("RECIPIENT_DOES_NOT_EXIST", f"Recipient '{given['name']}' does not exist.")
        if not self._rights.manages("recipients", given["name"]):
            raise denied(f"User is not an owner of Recipient '{given['name']}'.")
        return recipient

    def _keep(self, recipient: Document) -> Document:
        kept = {**recipient, "updated_at": now(), "updated_by": caller().name}
        self._store.put("recipients", kept["name"], kept)
        return _shown(kept)


def whose(store: Store, token: str) -> str | None:
    """The recipient whose token it is, while it opens."""
    digest = _digest(token)
    for recipient in store.all("recipients"):
        for known in recipient.get("tokens", []):
            if known.get("bearer") == digest and known["expiration_time"] > now():
                return str(recipient["name"])
    return None


def _shown(recipient: Document) -> Document:
    tokens = [{k: v for k, v in token.items() if k not in {"code", "bearer"}} for token in recipient.get("tokens", [])]
    return {**recipient, **({"tokens": tokens} if tokens else {})}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _future(moment: object) -> int:
    if not str(moment).isdigit() or int(str(moment)) <= now():
        raise invalid(f"expiration_time must lie in the future, in epoch milliseconds, not {moment!r}.")
    return int(str(moment))


def _moment(milliseconds: int) -> str:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
