"""Which platform a command speaks to, and in which form it answers."""

from __future__ import annotations

import datetime as dt
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from anthill.cli.airflow import Airflow, AirflowError, Mwaa, PlainAirflow

if TYPE_CHECKING:
    from rich.text import Text

    from anthill.cli.index import Index
    from anthill.cli.terminal import Terminal
    from anthill.lineage.evidence import Evidence

LOCAL = "http://127.0.0.1:8080"  # where `make up` puts it


class Session:
    """What the options before the command say; connected at the first call."""

    def __init__(self, url: str, mwaa: str, region: str, token: str, user: str, password: str, as_json: bool) -> None:
        self._url, self._mwaa, self._region = url, mwaa, region
        self._token, self._user, self._password = token, user, password
        self.as_json = as_json

    @cached_property
    def out(self) -> Terminal:
        """The terminal."""
        from anthill.cli.terminal import Terminal

        return Terminal(soft_wrap=True)

    @cached_property
    def airflow(self) -> Airflow:
        """Airflow's REST API."""
        if self._mwaa:
            return Mwaa(self._mwaa, self._aws("mwaa"))
        return PlainAirflow(self._url, self._token, self._user, self._password)

    @property
    def index(self) -> Index:
        """The coverage index."""
        from anthill.cli.index import PageIndex, S3Index

        airflow = self.airflow
        if isinstance(airflow, Mwaa):
            return S3Index(airflow, self._aws("s3"))
        assert isinstance(airflow, PlainAirflow)  # noqa: S101 there are two
        return PageIndex(airflow)

    @property
    def evidence(self) -> Evidence:
        """What S3 knows of market days."""
        from anthill.cli.evidence import PageEvidence
        from anthill.cli.index import S3Index

        airflow = self.airflow
        if isinstance(airflow, Mwaa):
            from anthill.lineage.evidence import S3Evidence

            s3 = self._aws("s3")
            return S3Evidence(s3, S3Index(airflow, s3).reader)
        assert isinstance(airflow, PlainAirflow)  # noqa: S101 there are two
        return PageEvidence(airflow)

    def say(self, text: str | Text = "") -> None:
        """A line for people; scripts that asked for JSON get none."""
        if not self.as_json:
            self.out.print(text)

    def say_well(self, ok: bool, text: str) -> None:
        """A line that begins with whether it is well."""
        from rich.text import Text

        from anthill.cli.terminal import shown

        self.say(Text.assemble(("✓", "green") if ok else ("✗", "red"), f" {shown(text)}"))

    def answer(self, value: Any) -> None:
        """The result for scripts; people have read it already."""
        if self.as_json:
            print(json.dumps(value, indent=2, default=str))

    def s3(self) -> Any:
        """S3, with this person's own credentials."""
        return self._aws("s3")

    def _aws(self, service: str) -> Any:
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            return boto3.client(service, region_name=self._region or None)
        except BotoCoreError as error:
            asked = f"the MWAA environment {self._mwaa!r}" if self._mwaa else service
            what = f"AWS cannot be asked for {asked}: {error}"
            raise AirflowError(f"{what} Set AWS_REGION, or --region, and your AWS credentials") from error


def session_of(context: typer.Context) -> Session:
    """The session that the options made."""
    found = context.find_object(Session)
    assert found is not None  # noqa: S101 the callback made it
    return found


def day(text: str) -> dt.date:
    """A date of an argument."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date, write YYYY-MM-DD") from None


def in_order(first: dt.datetime | None, last: dt.datetime | None) -> None:
    """Refuse a --from that is after --to."""
    if first and last and first > last:
        raise typer.BadParameter(f"--from {first.date()} is after --to {last.date()}: give the earlier day first")


def fail(text: str) -> NoReturn:
    """End with a message."""
    tell(text)
    raise typer.Exit(1)


def tell(text: str) -> None:
    """A message for people, beside the answer."""
    from anthill.cli.terminal import Terminal

    Terminal(stderr=True, soft_wrap=True).print(text, style="red")
