"""US stocks, one run a market day (XNYS).

**What it makes.** The day's bars of the whole market, the list of tickers, splits and dividends: raw JSON in bronze, typed
rows in `silver.stocks_*`, and for analysts `gold.stocks_daily_prices`, `gold.stocks_daily_returns` and
`gold.stocks_market_summary`.

**When.** Six hours after the close (22:00 New York, earlier after an early close). Past days: Airflow's backfill.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.*` | the source did not give a whole answer; nothing was committed | read the last line of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder import market_dag

dag = market_dag("stocks", doc_md=__doc__)
