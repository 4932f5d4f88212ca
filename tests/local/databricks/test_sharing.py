"""Shares: the vendor's own client of recipients lists and reads what was shared with it, and nothing else.

The protocol is that of github.com/delta-io/delta-sharing (PROTOCOL.md), which `delta-sharing` speaks; shares,
recipients and their errors are the SDK's (service/sharing.py).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import delta_sharing
import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service import catalog as uc
from databricks.sdk.service import sharing as ds

from tests.local.databricks.workspace import ACCOUNT, Workspace

AT = "2.1/unity-catalog"
MADE = (
    "CREATE TABLE dev.gold.prices USING delta AS SELECT * FROM VALUES ('A', 1.5D), ('B', 2.5D) AS v (ticker, close)",
    "CREATE TABLE dev.gold.days USING delta PARTITIONED BY (year) AS SELECT * FROM VALUES "
    "('A', 2023), ('B', 2024), ('C', 2025) AS v (ticker, year)",
    "CREATE TABLE dev.gold.own USING delta AS SELECT 1 AS n",
)


def client(workspace: Workspace, role: str = "pipeline") -> WorkspaceClient:
    """The vendor's own client of who shares."""
    return WorkspaceClient(host=workspace.url, token=ACCOUNT.role(role).token)


def add(name: str, **more: object) -> ds.SharedDataObjectUpdate:
    """A table that a share is to have."""
    shared = ds.SharedDataObject(name=name, data_object_type=ds.SharedDataObjectDataObjectType.TABLE, **more)  # type: ignore[arg-type]
    return ds.SharedDataObjectUpdate(ds.SharedDataObjectUpdateAction.ADD, shared)


def years(operation: ds.PartitionValueOp, value: str) -> dict[str, object]:
    """The partitions of some years."""
    return {"partitions": [ds.Partition([ds.PartitionValue(name="year", op=operation, value=value)])]}


def profile(workspace: Workspace, recipient: str, folder: Path) -> Path:
    """What a recipient downloads by the link that was sent, written into a file."""
    tokens = client(workspace).recipients.get(recipient).tokens or []
    code = str(tokens[0].activation_url).rpartition("?")[2]
    got = requests.get(f"{workspace.url}/api/{AT}/public/data_sharing_activation/{code}")
    assert got.status_code == 200, got.text
    file = folder / f"{recipient}.share"
    file.write_text(got.text)
    again = requests.get(f"{workspace.url}/api/{AT}/public/data_sharing_activation/{code}")
    assert again.status_code == 404, "a link opens once"
    return file


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Two shares of gold, and two recipients, one of whom may read one."""
    running = Workspace(tmp_path_factory.mktemp("sharing")).start()
    for statement in MADE:
        assert running.sql(statement)["status"]["state"] == "SUCCEEDED"
    own = client(running)
    for share in ("research", "other"):
        own.shares.create(share)
    own.shares.update(
        "research", updates=[add("dev.gold.prices"), add("dev.gold.days", **years(ds.PartitionValueOp.EQUAL, "2024"))]
    )
    own.shares.update("other", updates=[add("dev.gold.days", **years(ds.PartitionValueOp.LIKE, "202_"))])
    for recipient in ("partner", "stranger"):
        own.recipients.create(recipient, ds.AuthenticationType.TOKEN)
    given = ds.PermissionsChange(add=["SELECT"], principal="partner")
    own.shares.update_permissions("research", changes=[given])
    yield running
    running.stop()


@pytest.fixture(scope="module")
def partner(lake: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of the recipient who may read."""
    return profile(lake, "partner", tmp_path_factory.mktemp("partner"))


def test_a_recipient_lists_and_reads_what_is_shared(lake: Workspace, partner: Path) -> None:
    """By the official client, with rows from the links; of a parted table the partition that is shared."""
    asked = delta_sharing.SharingClient(str(partner))
    assert [share.name for share in asked.list_shares()] == ["research"]
    assert [(t.schema, t.name) for t in asked.list_all_tables()] == [("gold", "days"), ("gold", "prices")]
    rows = delta_sharing.load_as_pandas(f"{partner}#research.gold.prices")
    assert rows.sort_values("ticker").to_dict("records") == [
        {"ticker": "A", "close": 1.5},
        {"ticker": "B", "close": 2.5},
    ]
    rows = delta_sharing.load_as_pandas(f"{partner}#research.gold.days")
    assert rows.to_dict("records") == [{"ticker": "B", "year": 2024}]
    assert delta_sharing.get_table_version(f"{partner}#research.gold.prices") == 0
    with pytest.raises(requests.HTTPError, match="404"):
        delta_sharing.load_as_pandas(f"{partner}#other.gold.days")
    with pytest.raises(requests.HTTPError, match="404"):
        delta_sharing.load_as_pandas(f"{partner}#research.gold.own")


def test_who_is_given_nothing_sees_nothing(lake: Workspace, tmp_path: Path) -> None:
    """Until it is, and no more once it is taken away; a share by LIKE has all partitions that are so."""
    file = profile(lake, "stranger", tmp_path)
    asked = delta_sharing.SharingClient(str(file))
    assert asked.list_shares() == []
    own = client(lake).shares
    own.update_permissions("other", changes=[ds.PermissionsChange(add=["SELECT"], principal="stranger")])
    assert len(delta_sharing.load_as_pandas(f"{file}#other.gold.days")) == 3
    told = client(lake).recipients.share_permissions("stranger").permissions_out or []
    assert [each.share_name for each in told] == ["other"]
    own.update_permissions("other", changes=[ds.PermissionsChange(remove=["SELECT"], principal="stranger")])
    assert asked.list_shares() == []


def test_a_token_ends(lake: Workspace, tmp_path: Path) -> None:
    """At the moment that was said, and when another takes its place; a link to a file is signed, and no one's token."""
    own = client(lake).recipients
    soon = int(time.time() * 1000) + 3000
    own.create("brief", ds.AuthenticationType.TOKEN, expiration_time=soon)
    file = profile(lake, "brief", tmp_path)
    told = json.loads(file.read_text())
    assert dt.datetime.fromisoformat(told["expirationTime"]).timestamp() == pytest.approx(soon / 1000)
    bearer = {"Authorization": f"Bearer {told['bearerToken']}"}
    assert requests.get(f"{told['endpoint']}/shares", headers=bearer).json() == {"items": []}
    while time.time() * 1000 <= soon:
        time.sleep(0.05)
    assert requests.get(f"{told['endpoint']}/shares", headers=bearer).status_code == 401
    own.create("turned", ds.AuthenticationType.TOKEN)
    told = json.loads(profile(lake, "turned", tmp_path).read_text())
    own.rotate_token("turned", existing_token_expire_in_seconds=0)
    bearer = {"Authorization": f"Bearer {told['bearerToken']}"}
    assert requests.get(f"{told['endpoint']}/shares", headers=bearer).status_code == 401


def test_a_link_opens_one_file(lake: Workspace, partner: Path) -> None:
    """Without a token, and no other file by a changed address."""
    told = json.loads(partner.read_text())
    bearer = {"Authorization": f"Bearer {told['bearerToken']}"}
    at = f"{told['endpoint']}/shares/research/schemas/gold/tables/prices/query"
    lines = [json.loads(line) for line in requests.post(at, headers=bearer, json={}).text.splitlines()]
    assert [next(iter(line)) for line in lines[:2]] == ["protocol", "metaData"]
    link = lines[2]["file"]["url"]
    assert requests.get(link).content[:4] == b"PAR1"
    assert requests.get(link, headers=bearer).status_code == 400
    split = urlsplit(link)
    changed = {name: values[0] for name, values in parse_qs(split.query).items()} | {"file": "/etc/hostname"}
    assert requests.get(f"{lake.url}{split.path}?{urlencode(changed)}").status_code == 403
    assert requests.post(at, headers=bearer, json={"version": 0}).status_code == 400


def test_what_cannot_be_shared_is_refused_and_nothing_is_half_done(lake: Workspace) -> None:
    """Of two tables one of which is gone none is added."""
    own = client(lake).shares
    own.create("broken")
    for wrong, error, words in (
        (add("dev.gold.absent"), NotFound, "does not exist"),
        (add("dev.gold.prices", **years(ds.PartitionValueOp.EQUAL, "2024")), BadRequest, "no partition column"),
        (add("dev.gold.days", shared_as="gold.own"), BadRequest, "same shared_as"),
    ):
        with pytest.raises(error, match=words):
            own.update("broken", updates=[add("dev.gold.own"), wrong])
        assert (own.get("broken", include_shared_data=True).objects or []) == []
    with pytest.raises(NotFound, match="Recipient 'nobody' does not exist"):
        own.update_permissions("broken", changes=[ds.PermissionsChange(add=["SELECT"], principal="nobody")])
    with pytest.raises(PermissionDenied, match="CREATE SHARE"):
        client(lake, "analyst").shares.create("mine")
    with pytest.raises(PermissionDenied, match="not an owner of Share"):
        client(lake, "analyst").shares.get("research")


def test_a_share_shows_all_rows_and_its_owner_must_be_exempt(lake: Workspace, partner: Path) -> None:
    """Policies do not travel: the service shares a table with some only if its share's owner is under none of them."""
    own = client(lake)
    own.functions.create(
        uc.CreateFunction(
            name="never", catalog_name="dev", schema_name="gold", routine_definition="false", full_data_type="BOOLEAN",
            data_type=uc.ColumnTypeName.BOOLEAN, input_params=uc.FunctionParameterInfos([]),
            routine_body=uc.CreateFunctionRoutineBody.SQL, parameter_style=uc.CreateFunctionParameterStyle.S,
            is_deterministic=True, is_null_call=False, specific_name="never",
            security_type=uc.CreateFunctionSecurityType.DEFINER,
            sql_data_access=uc.CreateFunctionSqlDataAccess.CONTAINS_SQL,
        )
    )  # fmt: skip
    pipeline = ACCOUNT.role("pipeline").name
    for table, exempt in (("prices", [pipeline]), ("own", [])):
        own.policies.create_policy(uc.PolicyInfo(
            name="none", on_securable_type=uc.SecurableType.TABLE, on_securable_fullname=f"dev.gold.{table}",
            to_principals=["account users"], except_principals=exempt, for_securable_type=uc.SecurableType.TABLE,
            policy_type=uc.PolicyType.POLICY_TYPE_ROW_FILTER, row_filter=uc.RowFilterOptions("dev.gold.never"),
        ))  # fmt: skip
    assert len(delta_sharing.load_as_pandas(f"{partner}#research.gold.prices")) == 2
    with pytest.raises(PermissionDenied, match="must be exempt"):
        own.shares.update("research", updates=[add("dev.gold.own")])
