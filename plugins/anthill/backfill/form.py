"""The form of a bulk backfill: what a person is asked, and whether answers that come another way are such a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError

from anthill import catalog
from anthill.backfill.plan import PlanError

_SHOWN = 500  # characters of what is wrong


def params() -> dict[str, Param]:
    """What a person is asked; dates have no default, so that nobody starts years by a slip."""
    return {
        "asset_class": Param(
            type="string", enum=catalog.asset_classes(), title="Asset class", description="Whose market days"
        ),
        "datasets": Param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="Datasets",
            description="One a line; empty takes all that can be had for days gone by",
        ),
        "market_date_from": Param(
            None, type=["null", "string"], format="date", title="From", description="First market day"
        ),
        "market_date_to": Param(
            None, type=["null", "string"], format="date", title="To", description="Last market day, included"
        ),
        "only": Param(
            None,
            type=["null", "object"],
            additionalProperties={"type": "array", "items": {"type": "string"}},
            title="Only these days",
            description="Instead of datasets, from and to: each dataset with its days, as "
            '{"splits": ["2026-06-01", "2026-06-08/2026-06-12"]}; the coverage page fills this in',
        ),
        "chunk": Param(
            63,
            type="integer",
            minimum=1,
            maximum=504,
            title="Market days a chunk",
            description="What one landing task and one Databricks run span at most; a quarter has about 63",
        ),
        "again": Param(
            False,
            type="boolean",
            title="All again",
            description="Off fetches only what is missing; on fetches every day, and keeps other answers as revisions",
        ),
        "begin_at": Param(
            "bronze",
            type="string",
            enum=["bronze", "silver", "gold"],
            title="Begin at",
            description="Bronze asks the source for what is missing; silver loads what bronze holds, gold checks and "
            "computes what silver holds, both without a call",
        ),
    }


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given with the defaults of the rest; PlanError for what the DAG's form would not take."""
    form = ParamsDict(params())
    if unknown := [name for name in given if name not in form]:
        raise PlanError(f"{', '.join(unknown)[:_SHOWN]}: no such field, there are {', '.join(form)}")
    try:
        form.update(given)
        return form.validate()
    except ParamValidationError as error:
        raise PlanError(str(error).partition("\n")[0][:_SHOWN]) from None
    except RecursionError:
        raise PlanError("the form is nested too deeply") from None
