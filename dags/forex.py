"""Foreign exchange, one run a market day: the UTC days from Sunday to Friday.

**What it makes.** The day's bars of every pair, minute bars of a list of pairs and the list of tickers: raw JSON in bronze,
typed rows in `silver.forex_*`, and for analysts `gold.forex_daily_prices`, `forex_daily_returns`, `forex_market_summary`,
`forex_cross_rates`, `forex_triangles`, `forex_intraday_stats` and `forex_instruments`.

**When.** Six hours after the day's end (06:00 UTC; for Fridays 23:00 New York). The bars of the last three market days are
fetched again. A Sunday is a market day of two or three hours: it begins at 17:00 New York. Past days: Airflow's backfill.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.grouped_daily` | the source did not give a whole answer, or one without any pair; nothing was committed | read the last lines of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `land.minute_bars` | the bars of one of the pairs could not be fetched; none was committed | the last lines of the log name the call; clear the task. A pair without quotes does not fail: it is a warning of `quality` |
| `land.tickers` | the list of pairs is not whole; nothing was committed | as `land.grouped_daily` |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; what reads it in gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right. `pairs_answered` is a warning: mend `lists.pair` in `include/datasets/forex.yaml` |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |
| `consumption.*` | readers by Athena do not have the day; there only where Athena is used | the message names the table or the query, and what it scanned; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder.market import market_dag

dag = market_dag("forex", doc_md=__doc__)
