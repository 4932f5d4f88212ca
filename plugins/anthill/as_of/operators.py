"""The tasks of a rebuild as of a moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.databricks.operators.databricks import DatabricksJobRunLink
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from anthill import settings
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context

    from anthill.as_of.schemas import Schemas
    from anthill.governance.plan import Plan
    from anthill.governance.securables import Securable

ANSWER = "answer"  # XCom of the plan: what is told of the run, which the report completes


class PlanAsOf(BaseOperator):
    """Checks what is asked for and lists what bronze held; returns the parameters of a job for each asset class.

    Listing and dropping rebuilds is done here and leaves no job to run.
    """

    ui_color = "#f4f1de"

    def __init__(
        self, *, aws_conn_id: str = "aws_default", databricks_conn_id: str = "databricks_default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.aws_conn_id = aws_conn_id
        self.databricks_conn_id = databricks_conn_id

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Plan; what cannot be done fails at once, and says in the run's note what can."""
        from anthill import run_note
        from anthill.as_of.plan import PlanError

        jobs: list[dict[str, str]] = []
        try:
            match context["params"]["action"]:
                case "list":
                    answer: dict[str, Any] = {"rebuilds": self._schemas().rebuilds()}
                case "drop":
                    answer = self._drop(context)
                case _:
                    answer, jobs = self._plan(context)
        except PlanError as error:
            run_note.write(context, str(error))
            raise AirflowFailException(str(error)) from error
        context["ti"].xcom_push(key=ANSWER, value=answer)
        return jobs

    def _plan(self, context: Context) -> tuple[dict[str, Any], list[dict[str, str]]]:
        from anthill import catalog, moments, run_note
        from anthill.as_of import plan
        from anthill.bronze import as_of, manifest
        from anthill.bronze.connections import s3_client
        from anthill.task import airflow_errors

        moment, chosen = plan.asked(context["params"], settings.now())
        s3, bucket = s3_client(self.aws_conn_id), settings.bronze_bucket()
        jobs: list[dict[str, str]] = []
        lines: list[str] = []
        for name in chosen:
            run_note.write(context, f"Looking for what bronze held of {name} at {moments.text(moment)}")
            declared = catalog.load(name)
            with airflow_errors():
                held = as_of.together(
                    as_of.held(s3, own, datasets, moment)
                    for own, datasets in settings.by_bucket(declared.datasets).items()
                )
                if not held.found and name not in context["params"]["asset_classes"]:
                    continue  # only read by another, which goes without it as it did then
                first, last = plan.checked(declared, moment, held)
                uri = manifest.write(s3, bucket, declared, held.found)
            days = {"market_date_from": str(first), "market_date_to": str(last)}
            jobs.append({"asset_class": name, **days, "manifest": uri, "as_of": moments.text(moment)})
            lines += plan.told(declared, moment, held)
        for line in lines:
            self.log.info("%s", line)
        schemas = self._schemas().create(moment)
        return {"as_of": moments.text(moment), "schemas": schemas, "lines": lines}, jobs

    def _drop(self, context: Context) -> dict[str, Any]:
        from anthill import moments
        from anthill.as_of import plan

        schemas, moment = self._schemas(), plan.moment_of(context["params"])
        if not (dropped := schemas.drop(moment)):
            there = ", ".join(each["as_of"] for each in schemas.rebuilds()) or "none"
            raise plan.PlanError(f"as_of: nothing is rebuilt as of {moments.text(moment)}; there are: {there}")
        self.log.info("Dropped %s", ", ".join(dropped))
        return {"as_of": moments.text(moment), "dropped": dropped}

    def _schemas(self) -> Schemas:
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill.as_of.schemas import Schemas

        return Schemas(DatabricksHook(self.databricks_conn_id, caller="PlanAsOf"), settings.catalog())


class RebuildAsOf(RunJob):
    """The job that rebuilds one asset class; neither coverage nor alerts are told of it, only the run's note."""

    template_fields: Sequence[str] = (
        *RunJob.template_fields,
        *("asset_class", "market_date_from", "market_date_to", "manifest", "as_of"),
    )
    operator_extra_links = (DatabricksJobRunLink(),)  # type: ignore[assignment] # not to the environment's own tables

    def __init__(
        self, *, asset_class: str, market_date_from: str, market_date_to: str, manifest: str, as_of: str, **kwargs: Any
    ) -> None:
        super().__init__(job="as_of", asset_class=asset_class, **kwargs)
        self.market_date_from = market_date_from
        self.market_date_to = market_date_to
        self.manifest = manifest
        self.as_of = as_of

    def execute(self, context: Context) -> dict[str, Any]:
        """Say in the run's note what is rebuilt, and rebuild it."""
        from anthill import run_note

        days = f"market days from {self.market_date_from} to {self.market_date_to}"
        run_note.write(context, f"Rebuilding {self.asset_class} as of {self.as_of}: {days}")
        return super().execute(context)

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of commits and the moment that none of them is later than."""
        return {**super().parameters(context), "manifest": self.manifest, "as_of": self.as_of}

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last market day that bronze held."""
        return dt.date.fromisoformat(self.market_date_from), dt.date.fromisoformat(self.market_date_to)

    def _tell(self, context: Context, run_id: int | None, result: dict[str, Any], failure: str = "") -> None:
        from anthill import run_note

        run_note.write(context, failure or f"Rebuilt {self.asset_class} as of {self.as_of}")


class GrantAsOf(ApplyGrants):
    """Lets those read a rebuild who may read the tables that it is of, by the same declarations, and nobody else."""

    def declared(self, context: Context) -> list[Securable]:
        """What is declared of the asset classes that are rebuilt, under the names of the moment's schemas."""
        from anthill.governance import grants

        areas = ["shared", *(job["asset_class"] for job in context["ti"].xcom_pull(task_ids="plan"))]
        return grants.in_schemas(grants.load(areas, self.catalog or settings.catalog()), _schemas(context))

    def approved(self, context: Context) -> Plan | None:
        """What is approved of the tables that the rebuild is of is approved of the rebuild."""
        from anthill.governance.approved import under

        agreed = super().approved(context)
        return under(agreed, _schemas(context)) if agreed else None


def _schemas(context: Context) -> dict[str, str]:
    """The moment's schema of each layer."""
    from anthill import moments

    moment = moments.parse(context["ti"].xcom_pull(task_ids="plan")[0]["as_of"])
    return {layer: moments.schema(layer, moment) for layer in moments.LAYERS}


class ReportAsOf(BaseOperator):
    """Returns what the run was asked for and has done, for people in its note, too."""

    ui_color = "#f4f1de"

    def execute(self, context: Context) -> dict[str, Any]:
        """Put the plan's answer and the jobs' results together."""
        from anthill import run_note

        answer: dict[str, Any] = context["ti"].xcom_pull(task_ids="plan", key=ANSWER)
        if "lines" in answer:
            found = context["ti"].xcom_pull(task_ids="rebuild") or []
            # A mapped task that ran once gives its result itself.
            results = [found] if isinstance(found, dict) else list(found)
            answer["lines"] += [line for result in results for line in _lines(result)]
            answer["asset_classes"] = {result["asset_class"]: result["tables"] for result in results}
        for line in (lines := answer.get("lines", [])):
            self.log.info("%s", line)
        if lines:
            run_note.write(context, "\n".join(lines))
        return answer


def _lines(result: dict[str, Any]) -> Iterator[str]:
    """What a job has to say: how far gold goes, and what was held back from it."""
    tables = result["tables"]
    fresh = [table["fresh_until"] for table in tables.values() if table["fresh_until"]]
    yield f"{result['asset_class']}: {len(fresh)} of {len(tables)} tables of gold have days, the last {max(fresh)}"
    yield from (f"held back from gold: {line}" for line in result.get("held_back", []))
