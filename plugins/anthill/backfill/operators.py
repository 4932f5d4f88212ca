"""The tasks of a bulk backfill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, get_args

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from anthill import settings
from anthill.backfill.plan import BeginAt
from anthill.backfill.progress import Progress
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.load_silver import LoadSilver
from anthill.lakehouse.operator import HELD_BACK, RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.backfill.land_chunk import Chunk
    from anthill.backfill.plan import Plan
    from anthill.dataset import Dataset
    from anthill.governance.securables import Securable
    from anthill.intervals import Interval
    from anthill.ledger.results import Landed, Refused


class PlanBackfill(BaseOperator):
    """Checks what the form asks for; returns the chunks of market days."""

    ui_color = "#f4f1de"

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Plan; a wrong form fails at once and says what is allowed."""
        plan = _plan(context)
        self.log.info(
            "%s: %s on %d market days from %s to %s in %d chunks",
            plan.asset_class,
            ", ".join(plan.datasets),
            len(plan.days),
            plan.days[0],
            plan.days[-1],
            len(plan.chunks),
        )
        return plan.chunks


class LandChunk(BaseOperator):
    """Lands what bronze lacks of a chunk from one kind of source, at its whole rate; refused days are told, not fatal.

    Killed and started again, it fetches only what is still missing.
    """

    template_fields: Sequence[str] = ("market_date_from", "market_date_to", "days_before")
    ui_color = "#e8d9b5"

    def __init__(
        self,
        *,
        market_date_from: str,
        market_date_to: str,
        days_before: int,
        source: str = settings.POOL,
        conn_id: str = "",
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=source, pool_slots=settings.pool_slots(), **kwargs)
        self.source = source
        self.market_date_from = market_date_from
        self.market_date_to = market_date_to
        self.days_before = days_before
        self.conn_id = conn_id
        self.aws_conn_id = aws_conn_id
        self._asked: list[Dataset] = []

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider tells of the task: the source's datasets and bronze's."""
        from anthill.landing import told

        return told.of((dataset, None) for dataset in self._asked)

    get_openlineage_facets_on_failure = get_openlineage_facets_on_complete

    def execute(self, context: Context) -> dict[str, Any]:
        """Land; returns what was there, what was landed and what was refused."""
        import msgspec

        from anthill import catalog
        from anthill.backfill.land_chunk import Chunk, land_chunk, missing
        from anthill.bronze.connections import s3_client
        from anthill.landing.commit import Committer
        from anthill.ledger.documents import documents
        from anthill.ledger.recorder import Recorder
        from anthill.sources import kinds
        from anthill.task import airflow_errors, run_of

        plan = _plan(context)
        _skip_before(plan, "bronze")
        first, last = dt.date.fromisoformat(self.market_date_from), dt.date.fromisoformat(self.market_date_to)
        with airflow_errors():
            declared = catalog.load(plan.asset_class).datasets
            mine = [name for name in plan.datasets if declared[name].source == self.source]
            if not mine:
                raise AirflowSkipException(f"None of {', '.join(plan.datasets)} comes from {self.source}")
            asked = [(declared[name], plan.intervals_of(name, first, last)) for name in mine]
            self._asked = [dataset for dataset, _ in asked]
            s3 = s3_client(self.aws_conn_id)
            known, bucket_of = documents(s3), settings.bucket_of
            todo = [(each, of if plan.again else missing(s3, bucket_of(each), known, each, of)) for each, of in asked]
            there = sum(len(of) for _, of in asked) - sum(len(lacking) for _, lacking in todo)
            progress = Progress(self, context, plan, int(self.days_before), there / len(asked), len(asked))
            chunk = Chunk(there=there)
            source = kinds.connect(self.source, [dataset for dataset, _ in todo], self.pool_slots, self.conn_id)
            recorder = Recorder(known, run_of(context), source.meter)

            def step(chunk: Chunk, dataset: Dataset, result: Landed | Refused) -> None:
                recorder.note(dataset, result)
                progress.step(chunk)

            try:
                for bucket, own in _by_bucket(todo).items():
                    land_chunk(source, Committer(s3, bucket, run_of(context)), own, step, chunk)
            finally:
                recorder.save()
        progress.say(chunk)
        for refusal in chunk.refused:
            self.log.warning(
                "%s from %s to %s: %d market days refused: %s",
                refusal.dataset,
                refusal.market_date_from,
                refusal.market_date_to,
                refusal.days,
                refusal.reason,
            )
        result: dict[str, Any] = msgspec.to_builtins(chunk)
        return result


def land_task(kind: str) -> str:
    """The task that lands a chunk's datasets of a kind of source; that of the first kind has no suffix."""
    return "land" if kind == settings.POOL else f"land_{kind}"


def _by_bucket(
    todo: Iterable[tuple[Dataset, Sequence[Interval]]],
) -> dict[str, list[tuple[Dataset, Sequence[Interval]]]]:
    """The same by the bucket that takes them."""
    found: dict[str, list[tuple[Dataset, Sequence[Interval]]]] = {}
    for dataset, of in todo:
        found.setdefault(settings.bucket_of(dataset), []).append((dataset, of))
    return found


class LoadChunk(LoadSilver):
    """One Databricks run that loads a chunk into silver."""

    template_fields: Sequence[str] = (*LoadSilver.template_fields, "market_date_from", "market_date_to")

    def __init__(self, *, market_date_from: str, market_date_to: str, days_before: int, **kwargs: Any) -> None:
        super().__init__(asset_class="", datasets=(), **kwargs)
        self.market_date_from = market_date_from
        self.market_date_to = market_date_to
        self.days_before = days_before

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters for the chunk, and the list of its commits."""
        plan = _plan(context)
        _skip_before(plan, "silver")
        self.asset_class, self.datasets = plan.asset_class, plan.datasets
        return super().parameters(context)

    def asset_class_of(self, context: Context) -> str:
        """The form's."""
        return _plan(context).asset_class

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The chunk's first and last market day."""
        return dt.date.fromisoformat(self.market_date_from), dt.date.fromisoformat(self.market_date_to)


class RunOverRange(RunJob):
    """One Databricks run over all market days that were asked for."""

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters for the whole range."""
        plan = _plan(context)
        self.asset_class = plan.asset_class
        known = super().parameters(context)
        if self.job != "quality":
            return known
        # Days picked one by one leave others of their datasets out on purpose: what is loaded is checked.
        return {**known, "datasets": ",".join(plan.datasets) if plan.whole else "-"}

    def asset_class_of(self, context: Context) -> str:
        """The form's."""
        return _plan(context).asset_class

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last market day of the plan."""
        plan = _plan(context)
        return plan.days[0], plan.days[-1]


class GrantBackfill(ApplyGrants):
    """Applies the grants of the form's asset class."""

    def declared(self, context: Context) -> list[Securable]:
        """What is declared of it, and of what all share."""
        self.asset_class = _plan(context).asset_class
        return super().declared(context)


class ReportBackfill(BaseOperator):
    """Tells in the log and the run's note what was landed and refused; fails where a day is missing without reason."""

    ui_color = "#f4f1de"

    def execute(self, context: Context) -> dict[str, Any]:
        """Compare bronze with what was asked for."""
        from anthill import catalog, run_note
        from anthill.alerts import failure, runbook
        from anthill.backfill.land_chunk import missing
        from anthill.bronze.connections import s3_client
        from anthill.ledger.documents import documents
        from anthill.sources import kinds

        plan = _plan(context)
        lands = [f"chunk.{land_task(kind)}" for kind in kinds.with_past()]
        chunks = [chunk for land in lands for chunk in _each(context["ti"].xcom_pull(task_ids=land))]
        refusals = [refusal for chunk in chunks for refusal in chunk["refused"]]
        by_plan = sum(refusal["days"] for refusal in refusals if refusal["plan"])
        datasets = catalog.load(plan.asset_class).datasets
        s3 = s3_client("aws_default")
        known = documents(s3)
        asked = plan.datasets if plan.begin_at == "bronze" else ()  # else nothing was to be fetched
        lacking = {
            name: missing(s3, settings.bucket_of(datasets[name]), known, datasets[name], plan.intervals_of(name))
            for name in asked
        }
        ahead = [
            f"{name} {each}: due at {due:%Y-%m-%d %H:%M} UTC; what is landed before counts once it was asked for again"
            for name, of in lacking.items()
            for each in of
            if (due := datasets[name].due(each)) and due > settings.now()
        ]
        left = sum(map(len, lacking.values()))
        unexplained = any(not _by_plan(refusals, name, each.day) for name, of in lacking.items() for each in of)
        held_back = context["ti"].xcom_pull(task_ids="gold", key=HELD_BACK) or []
        totals = {name: sum(chunk[name] for chunk in chunks) for name in ("there", "landed", "rows")}
        came_to = (
            f"{totals['landed']:,} landed ({totals['rows']:,} rows), {totals['there']:,} were there, "
            f"{left:,} are missing, {by_plan:,} of them by the API plan."
            if asked
            else f"begun at {plan.begin_at}, the source was not asked."
        )
        lines = [
            f"{plan.asset_class}, {len(plan.days)} market days from {plan.days[0]} to {plan.days[-1]}, "
            f"{len(plan.datasets)} datasets: {came_to}",
            # What ended a chunk is the cause of what it left; chunks with one cause say it once.
            *dict.fromkeys(
                said for land in lands for said in _each(context["ti"].xcom_pull(task_ids=land, key=failure.KEY))
            ),
            *map("{dataset} {market_date_from} to {market_date_to}: {reason}".format_map, refusals),
            *ahead,
            *(f"gold holds back {line}" for line in held_back),
        ]
        step = ""
        if unexplained or not all(refusal["plan"] for refusal in refusals):
            step = "Run it again with the same form: only what is missing is fetched."
        elif held_back:
            step = "Clear quality and gold once the cause is mended."
        # The next step stands behind the sum: what is too long for a note is cut at its end.
        link = runbook.link(runbook.section(context["ti"].dag_id, "report"))
        lines[1:1] = [f"First: {step[0].lower()}{step[1:]} The runbook: {link}"] if step else []
        text = "\n".join(lines)
        self.log.info("%s", text)
        run_note.write(context, text)
        if step:
            raise AirflowException(text)
        return {**totals, "missing": left, "refused": refusals}


def _each(pulled: Any) -> list[Any]:
    """What mapped tasks gave, without those that gave nothing; one that ran once gives it itself, not in a list."""
    return [pulled] if isinstance(pulled, str | dict) else [each for each in pulled or () if each]


def _by_plan(refusals: Sequence[dict[str, Any]], dataset: str, day: dt.date) -> bool:
    """Whether the API plan leaves the day out."""
    return any(
        refusal["plan"]
        and refusal["dataset"] == dataset
        and refusal["market_date_from"] <= str(day) <= refusal["market_date_to"]
        for refusal in refusals
    )


def _skip_before(plan: Plan, step: BeginAt) -> None:
    """Skip a step that comes before the one that the form begins at."""
    steps = get_args(BeginAt)
    if steps.index(step) < steps.index(plan.begin_at):
        raise AirflowSkipException(f"The form begins at {plan.begin_at}: {step} is left as it is")


def _plan(context: Context) -> Plan:
    from anthill.backfill.plan import PlanError, plan
    from anthill.catalog import DeclarationError

    try:
        return plan(context["params"])
    except (PlanError, DeclarationError) as error:
        raise AirflowFailException(str(error)) from None
