"""Market indices, one run a market day (XNYS).

**What it makes.** The day's bar and the minute bars of a list of indices, and the list of all: raw JSON in bronze, typed rows
in `silver.indices_*`, and for analysts `gold.indices_daily_prices`, `indices_daily_returns`, `indices_market_summary`,
`indices_intraday_stats` and `indices_instruments`. It also loads what the DAG `indices_intraday` took on the day into
`silver.indices_snapshot`.

**When.** Four hours after the close (20:00 New York, earlier after an early close). The bars of the last three market days are
fetched again. Past days: Airflow's backfill.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.daily_bars` | the bar of one of the indices could not be fetched, or none has one; nothing was committed | read the last lines of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `land.minute_bars` | the bars of one of the indices could not be fetched; none was committed | the last lines of the log name the call; clear the task |
| `land.tickers` | the list of indices is not whole; nothing was committed | as `land.daily_bars` |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; what reads it in gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right. `indices_answered` is a warning: mend `lists.index` in `include/datasets/indices.yaml` |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder.market import market_dag

dag = market_dag("indices", doc_md=__doc__)
