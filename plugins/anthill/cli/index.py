"""The coverage index by the same two ways in: the page's own app, or S3 where the REST API does not reach the app."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Protocol

from anthill.cli.airflow import AirflowError, Mwaa, PlainAirflow

if TYPE_CHECKING:
    from anthill.catalog import AssetClass

_SLOWEST = 5  # calls a minute of the smallest plan


class Index(Protocol):
    """What the command line asks of the index, as JSON."""

    def heat_map(self, first: dt.date, last: dt.date) -> dict[str, Any]:
        """Every dataset's days, a letter each."""

    def freshness(self) -> list[dict[str, Any]]:
        """How far each asset class has come."""

    def cell(self, asset_class: str, dataset: str, day: dt.date) -> dict[str, Any]:
        """One market day of a dataset."""

    def gold_cell(self, asset_class: str, table: str, day: dt.date) -> dict[str, Any]:
        """One market day of a gold table."""

    def minutes(self, day: dt.date | None) -> list[dict[str, Any]]:
        """Every stream's session on a market day, by the minute."""

    def estimate(self, form: dict[str, Any]) -> dict[str, Any]:
        """What a backfill costs."""


class PageIndex:
    """Asks the app of the coverage page."""

    def __init__(self, airflow: PlainAirflow) -> None:
        self._airflow = airflow

    def heat_map(self, first: dt.date, last: dt.date) -> dict[str, Any]:
        """Every dataset's days, a letter each."""
        return self._get("coverage", first=first, last=last)  # type: ignore[no-any-return]

    def freshness(self) -> list[dict[str, Any]]:
        """How far each asset class has come."""
        return self._get("freshness")  # type: ignore[no-any-return]

    def cell(self, asset_class: str, dataset: str, day: dt.date) -> dict[str, Any]:
        """One market day of a dataset."""
        return self._get("cell", asset_class=asset_class, dataset=dataset, day=day)  # type: ignore[no-any-return]

    def gold_cell(self, asset_class: str, table: str, day: dt.date) -> dict[str, Any]:
        """One market day of a gold table."""
        return self._get("gold", asset_class=asset_class, table=table, day=day)  # type: ignore[no-any-return]

    def minutes(self, day: dt.date | None) -> list[dict[str, Any]]:
        """Every stream's session on a market day, by the minute."""
        return self._get("minutes", **({"day": day} if day else {}))  # type: ignore[no-any-return]

    def estimate(self, form: dict[str, Any]) -> dict[str, Any]:
        """What a backfill costs."""
        return self._airflow.at("POST", "/anthill/api/estimate", body=form)  # type: ignore[no-any-return]

    def _get(self, path: str, **query: Any) -> Any:
        return self._airflow.at("GET", f"/anthill/api/{path}", query)


class S3Index:
    """Reads the index itself, in the bucket that the environment's configuration names."""

    def __init__(self, mwaa: Mwaa, s3: Any) -> None:
        from anthill.coverage.reader import Reader
        from anthill.ledger.documents import Documents

        self._mwaa = mwaa
        catalog_name = mwaa.option("anthill.catalog", "dev")
        bronze, personal, documents = (
            mwaa.option(f"anthill.{zone}_bucket", f"anthill-{catalog_name}-{zone}")
            for zone in ("bronze", "personal", "documents")
        )
        self.reader = Reader(Documents(s3, documents, bronze), bronze, personal)

    def heat_map(self, first: dt.date, last: dt.date) -> dict[str, Any]:
        """Every dataset's days, a letter each."""
        from anthill.coverage.view import heat_map

        return _plain(heat_map(self.reader, self._all(), first, last, _now()))  # type: ignore[no-any-return]

    def freshness(self) -> list[dict[str, Any]]:
        """How far each asset class has come."""
        from anthill.coverage.freshness import freshness

        return [_plain(freshness(self.reader, declared, _now())) for declared in self._all()]

    def cell(self, asset_class: str, dataset: str, day: dt.date) -> dict[str, Any]:
        """One market day of a dataset."""
        from anthill.coverage.view import cell

        declared = self._declared(asset_class)
        return _plain(cell(self.reader, declared, declared.datasets[dataset], day, _now()))  # type: ignore[no-any-return]

    def gold_cell(self, asset_class: str, table: str, day: dt.date) -> dict[str, Any]:
        """One market day of a gold table."""
        from anthill.coverage.view import gold_cell

        return _plain(gold_cell(self.reader, self._declared(asset_class), table, day, _now()))  # type: ignore[no-any-return]

    def minutes(self, day: dt.date | None) -> list[dict[str, Any]]:
        """Every stream's session on a market day, by the minute."""
        from anthill.coverage import minutes

        return [_plain(found) for each in self._all() for found in minutes.of(self.reader, each, day, _now())]

    def estimate(self, form: dict[str, Any]) -> dict[str, Any]:
        """What a backfill costs."""
        from anthill import catalog
        from anthill.backfill.plan import plan
        from anthill.coverage.cost import estimate, lacking

        declared = catalog.load(form["asset_class"])
        conf = {"chunk": 63, "again": False, **form}
        asked = plan(conf).asked
        asked = asked if conf.get("begin_at", "bronze") == "bronze" else {}  # else nothing is fetched
        days = asked if conf["again"] else lacking(self.reader, declared, asked)
        return {**_plain(estimate(self.reader, declared, days, self._rate())), "conf": conf}

    def _rate(self) -> int:
        """The plan's rate where Airflow tells it: a connection kept as a secret stays one."""
        import msgspec

        from anthill.sources.polygon.plans import requests_per_minute

        try:
            extra = self._mwaa.call("GET", "/connections/polygon_default").get("extra")
            return requests_per_minute(msgspec.json.decode(extra) if extra else {})
        except (AirflowError, ValueError):
            return _SLOWEST

    def _all(self) -> list[AssetClass]:
        from anthill import catalog

        return [self._declared(name) for name in catalog.asset_classes()]

    def _declared(self, asset_class: str) -> AssetClass:
        from anthill import catalog, history

        return history.wanted(catalog.load(asset_class), self._mwaa.option("anthill.history_from", ""))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _plain(value: Any) -> Any:
    """As JSON has it: dates are text."""
    import msgspec

    return msgspec.json.decode(msgspec.json.encode(value))
