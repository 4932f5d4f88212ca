"""As of: silver, quality and gold of an asset class from the commits that bronze held at a moment, beside the real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from anthill import catalog as declarations
from anthill import moments
from anthill.catalog import AssetClass
from anthill.lakehouse import gold, quality, silver
from anthill.lakehouse.commits import Commit, CommitError
from anthill.lakehouse.session import PlacedSession

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AT_ONCE = 63  # market days that silver loads, and keeps where the run is killed
_WHAT_IS_LOADED = "-"  # for quality: a dataset that was not landed by then is missed in gold, and nobody can land it


class AsOfError(RuntimeError):
    """What was known at a moment could not be rebuilt whole; the message says what lacks and why."""


def run(
    spark: SparkSession,
    *,
    catalog: str,
    asset_class: str,
    market_date_from: str,
    market_date_to: str,
    manifest: str,
    as_of: str,
) -> dict[str, Any]:
    """Rebuild from the commits of a manifest, none of which is later than the moment: counts a table of gold.

    What an earlier run has done is left as it is. A day that breaks a critical expectation is held back from gold, as
    it was then, and is no failure; one that cannot be loaded is, once all others are in gold.
    """
    declared, moment = declarations.load(asset_class), moments.parse(as_of)
    session = PlacedSession(spark, catalog, lambda layer: f"{moments.schema(layer, moment)}.")
    within = cast("SparkSession", session)
    commits = silver.read(within, manifest, declared)
    if later := [commit for commit in commits if commit.moment > moment]:
        raise CommitError(
            f"{manifest} lists {len(later)} commits from after {as_of}, the first is {later[0].uri} of {later[0].asof}"
        )
    failed = [session.named(line) for line in _load(within, catalog, declared, commits, as_of)]
    asked = {"asset_class": asset_class, "market_date_from": market_date_from, "market_date_to": market_date_to}
    broken = _check(within, catalog, asked)
    print(f"{asset_class} as of {as_of}: silver is checked, gold comes next", flush=True)
    try:
        result = gold.run(within, catalog=catalog, **asked)
    except gold.GoldError as error:
        raise AsOfError(" | ".join([session.named(str(error)), *failed])) from error
    if failed:
        raise AsOfError(f"not all of {asset_class} as of {as_of} could be loaded: {' | '.join(failed)}")
    reason = result.pop("nothing_done", "")  # where gold is as an earlier run has made it, too
    if not any(table["fresh_until"] for table in result["tables"].values()):
        raise AsOfError(f"nothing of {asset_class} as of {as_of} may be in gold: {reason}")
    return {**result, "as_of": as_of, "broken": session.named(broken)}


def _load(spark: SparkSession, catalog: str, declared: AssetClass, commits: Sequence[Commit], as_of: str) -> list[str]:
    """Bring the commits into silver, some market days at a time; what could not be loaded."""
    days = sorted({commit.market_date for commit in commits})
    failed = []
    for at in range(0, len(days), _AT_ONCE):
        first, last = days[at], days[at : at + _AT_ONCE][-1]
        try:
            some = [commit for commit in commits if first <= commit.market_date <= last]
            silver.load(spark, catalog, declared, some, first, last)
        except silver.SilverError as error:
            failed.append(str(error))
        done = min(at + _AT_ONCE, len(days))
        print(f"{declared.asset_class} as of {as_of}: {done:,} of {len(days):,} market days in silver", flush=True)
    return failed


def _check(spark: SparkSession, catalog: str, asked: dict[str, str]) -> str:
    """Judge what is loaded; what is broken, "" where nothing is."""
    try:
        quality.run(spark, catalog=catalog, datasets=_WHAT_IS_LOADED, **asked)
    except quality.QualityError as error:
        return str(error)
    return ""
