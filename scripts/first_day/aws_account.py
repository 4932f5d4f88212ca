"""What an administrator makes in the AWS account before any stack: its states, its trail, its tokens."""

from __future__ import annotations

from botocore.exceptions import ClientError

from scripts.first_day.place import Place
from scripts.first_day.step import MissingError


def session(place: Place) -> str:
    """The session is of the environment's account."""
    who = place.aws("sts").get_caller_identity()
    if who["Account"] != place.account:
        raise MissingError(
            f"the session is of account {who['Account']}, {place.environment} lies in {place.account}:"
            f" sign in there, or correct {place.file}"
        )
    return str(who["Arn"])


def states(place: Place) -> str:
    """The bucket of the states keeps versions, and its key is the one that the security stack is told."""
    bucket, s3 = place.state["bucket"], place.aws("s3")
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=place.account)
    except ClientError as error:
        if (status := error.response["ResponseMetadata"]["HTTPStatusCode"]) not in (403, 404):
            raise
        told = "is not there" if status == 404 else "is another account's, or hidden from this session"
        raise MissingError(f"the bucket {bucket} {told}") from error
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise MissingError(f"the bucket {bucket} keeps no versions")
    try:
        key = place.aws("kms").describe_key(KeyId=place.state["kms_key_id"])["KeyMetadata"]["Arn"]
    except place.aws("kms").exceptions.NotFoundException as error:
        raise MissingError(f"there is no key {place.state['kms_key_id']}") from error
    _written(place, "security", "state_kms_key_arn", key)
    return str(bucket)


def trail(place: Place) -> str:
    """What happens in the account is recorded, by a trail of ours or the organisation's."""
    client = place.aws("cloudtrail")
    for each in client.describe_trails(includeShadowTrails=True)["trailList"]:
        if client.get_trail_status(Name=each["TrailARN"])["IsLogging"]:
            return str(each["Name"])
    raise MissingError("no trail records what happens in the account")


def tokens(place: Place) -> str:
    """AWS gives the account's roles tokens, by an issuer that the databricks stack is told."""
    if place.given("platform_development", "databricks").get("databricks_auth") == "secret":
        return "not needed: Airflow signs in with a secret"
    try:
        found = place.aws("iam").get_outbound_web_identity_federation_info()
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("FeatureDisabled"):
            raise
        found = {}
    if not found.get("JwtVendingEnabled"):
        raise MissingError("the account gives its roles no tokens that others take")
    _written(place, "databricks", "token_issuer", found["IssuerIdentifier"])
    return str(found["IssuerIdentifier"])


def _written(place: Place, stack: str, name: str, found: str) -> None:
    """What was made is written where the stack reads it."""
    if (written := place.given("platform_development", stack).get(name)) != found:
        raise MissingError(f'{stack} is told {name} = "{written}": write "{found}"', place.edit)
