"""What a database that is cut every few minutes adds: jobs, a warehouse that stays awake, and MWAA's class."""

from collections.abc import Iterator

from terraform.cost.bill import Facts

TEXT = """## Cuts of a database

Off by default, and in no bill above (the DAG `totesys`): {a_day} cuts a day, every day. A look that finds nothing new
starts no job; a cut that has changed starts {jobs}, at once: a start at the standard target alone takes 4 to 6 minutes.
ENTERPRISE; shares and minutes are guesses:

| | cuts that change | minutes a job | a month $ | formula |
| --- | ---: | ---: | ---: | --- |
{table}

`totesys_warehouse` asks a SQL warehouse after each change: a 2X-Small one that never sleeps is {awake:,.2f} $ a month.
Fewer cuts cost in proportion: `calendar: PT15M` in `include/datasets/totesys.yaml` is {fewer} a day.
MWAA's smallest class that fits is mw1.small ({small:,.2f} $): its worker runs {small_tasks} tasks, of which a market's
landing takes 4 for minutes. mw1.micro ({micro:,.2f} $) runs {micro_tasks} and never more: a cut would wait for it.
"""


def section(prices: Facts, usage: Facts) -> Iterator[str]:
    """The section of the page."""
    of, hours = usage["cuts"], usage["hours_a_month"]
    mwaa, tasks = prices["mwaa"]["environment_hour"], of["classes"]
    facts = {
        "a_day": of["a_day"],
        "jobs": of["jobs"],
        "table": "\n".join(_rows(prices, usage)),
        "awake": hours * usage["warehouse_dbu_an_hour"]["2X-Small"] * prices["databricks"]["sql_dbu"]["ENTERPRISE"],
        "fewer": of["a_day"] // 5,
        "small": hours * mwaa["mw1.small"],
        "micro": hours * mwaa["mw1.micro"],
        "small_tasks": tasks["mw1.small"],
        "micro_tasks": tasks["mw1.micro"],
    }
    yield from TEXT.format(**facts).split("\n")


def _rows(prices: Facts, usage: Facts) -> Iterator[str]:
    of, days = usage["cuts"], usage["hours_a_month"] / 24
    dbu = prices["databricks"]["jobs_dbu"]["ENTERPRISE"]
    for word, share, minutes in zip(("low", "likely", "high"), of["share"], of["minutes"], strict=True):
        starts = of["a_day"] * share * of["jobs"]
        dollars = starts * minutes / 60 * of["dbu_an_hour"] * days * dbu
        formula = f"{starts:,.0f} jobs x {minutes} min x {of['dbu_an_hour']} DBU an hour x {days:.1f} days x {dbu} $"
        yield f"| {word} | {share:.0%} | {minutes} | {dollars:,.2f} | {formula} |"
