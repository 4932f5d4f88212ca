"""What a service refuses, in a sentence with what to do; neither a traceback nor anything that signs somebody in."""

from __future__ import annotations

import os

import requests
from botocore import exceptions as aws
from databricks.sdk import errors as databricks

from delivery.errors import DeliveryError
from scripts import github
from scripts.first_day.place import Place, SignInError

REFUSALS = (
    aws.BotoCoreError,
    aws.ClientError,
    OSError,  # Databricks' errors, those of its sign-in, and of requests
    DeliveryError,
    SignInError,
    RuntimeError,  # GitHub's, and of what is declared
)
AWS_LOGIN, GITHUB_LOGIN = "aws sso login", "gh auth login"
_NOBODY = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.ProfileNotFound,
    aws.SSOError,
    aws.TokenRetrievalError,
)
_NOT_TAKEN = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


def refused(error: Exception, place: Place) -> tuple[str, str]:
    """The sentence, and the command that goes on from it."""
    again = f"make first-day ENV={place.environment}"
    match error:
        case aws.ClientError():
            return _of_aws(error, again)
        case aws.BotoCoreError() if isinstance(error, _NOBODY):
            told = f"there is no session of AWS ({type(error).__name__}); the first time: aws configure sso"
            return told, AWS_LOGIN
        case aws.BotoCoreError():
            return _silent("AWS", error), again
        case github.RefusedError(__cause__=requests.RequestException() as cause):
            return _silent("GitHub", cause), again
        case github.RefusedError():
            return _line(error), GITHUB_LOGIN if "token" in str(error) else again
        case SignInError() | OSError():
            return _of_databricks(error, place, again)
    return _line(error), again


def _of_databricks(error: Exception, place: Place, again: str) -> tuple[str, str]:
    given = "; DATABRICKS_TOKEN goes before any sign-in" if os.environ.get("DATABRICKS_TOKEN") else ""
    match error:
        case SignInError() | databricks.Unauthenticated():
            return f"Databricks does not know who asks{given}", place.databricks_login
        case databricks.PermissionDenied():
            told = f"Databricks does not let who is signed in read this: sign in as an admin{given}"
            return told, place.databricks_login
        case databricks.DatabricksError():
            return f"Databricks answers {type(error).__name__}: see the ids in {place.file}", again
        case requests.RequestException() | TimeoutError():
            return _silent("Databricks", error), again
    return "the sign-in to Databricks is over", place.databricks_login


def _of_aws(error: aws.ClientError, again: str) -> tuple[str, str]:
    code, called = error.response["Error"]["Code"], error.operation_name
    status = error.response.get("RestApiStatusCode")  # Airflow's own, where MWAA handed the call on
    if status is not None:
        told = "does not let this session read it" if status in (401, 403) else f"answers {status}"
        return f"Airflow {told}: see its health in MWAA's console, and your role there", again
    if code in _NOT_TAKEN:
        return f"AWS does not take this session ({code})", AWS_LOGIN
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 403 or "AccessDenied" in code:
        return f"AWS does not let this session call {called}: sign in as who may read it", AWS_LOGIN
    return f"AWS answers {called} with {code}", again


def _silent(service: str, error: BaseException) -> str:
    return f"{service} does not answer ({type(error).__name__}): see network and proxy"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
