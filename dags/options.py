"""US options, one run a market day (XNYS).

**What it makes.** The contracts on the chosen underlyings, their chains as they stand after the close, and the day's bars of
every contract that traded: raw JSON or the flat file in bronze, typed rows in `silver.options_*`, and for analysts
`gold.options_daily_prices`, `options_daily_returns`, `options_market_summary`, `options_instruments`,
`options_put_call_volume`, `options_put_call_open_interest` (the whole market in `options_market_put_call_*`) and
`options_implied_volatility`.

**When.** Four hours after the close (20:00 New York, earlier after an early close). The bars come in a flat file that is ready
at 11:00 New York the next day; it is taken at 14:00 (11:00 after an early close), and all that follows waits for it. Past
days: Airflow's backfill, without chains, which the source has for the present only: `gold.options_put_call_open_interest`
and `gold.options_implied_volatility` have no such days.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.contracts` | the source did not list the contracts of all underlyings; nothing was committed | read the last lines of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `land.chain_snapshot` | no chains were taken, or the plan has none; skipped when another day than the present is run | clear the task before the next market day opens: later, the chains of this day cannot be had any more |
| `land.daily_bars` | the flat file is not there yet, or could not be read; without the connection `polygon_flat_files`, a call a contract failed | wait for the file, or mend the connection; clear the task |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; what reads it in gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right. Underlyings without contracts are a warning: mend `lists.underlying` in `include/datasets/options.yaml` |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder.market import market_dag

dag = market_dag("options", doc_md=__doc__)
