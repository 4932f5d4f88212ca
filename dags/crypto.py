"""Crypto currencies, one run a UTC day, weekends and holidays included.

**What it makes.** The day's bars of every pair, minute bars of a list of pairs and the list of tickers: raw JSON in bronze,
typed rows in `silver.crypto_*`, and for analysts `gold.crypto_daily_prices`, `crypto_daily_returns`, `crypto_market_summary`,
`crypto_correlations`, `crypto_intraday_stats` and `crypto_instruments`.

**When.** Six hours after the day's end, at 06:00 UTC. The bars of the last three days are fetched again. Past days: Airflow's
backfill.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.grouped_daily` | the source did not give a whole answer, or one without any pair; nothing was committed | read the last lines of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `land.minute_bars` | the bars of one of the pairs could not be fetched; none was committed | the last lines of the log name the call; clear the task. A pair without trades does not fail: it is a warning of `quality` |
| `land.tickers` | the list of pairs is not whole; nothing was committed | as `land.grouped_daily`; without it there are prices and returns of the day, and no summary or correlations |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; what reads it in gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right. `pairs_answered` is a warning: mend `lists.pair` in `include/datasets/crypto.yaml` |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder.market import market_dag

dag = market_dag("crypto", doc_md=__doc__)
