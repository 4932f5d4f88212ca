"""The US economy, one run a market day: treasury yields, inflation, and what is expected of it.

**What it makes.** Yields of treasuries by maturity under the market day by which they are public, consumer prices and expected
inflation as the source has them on the day: raw JSON in bronze, typed rows in `silver.economy_*`, and for analysts
`gold.economy_treasury_yields`, `economy_inflation` and `economy_inflation_expectations`.

**When.** Six hours after the close of New York (22:00). The yields of the last three market days are fetched again; past days:
Airflow's backfill. Inflation and what is expected of it are revised, and asked for the present only: a past day has what was
fetched on it.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.treasury_yields` | the source did not give a whole answer; nothing was committed. A day on which bonds were not traded has no row, and is none | read the last lines of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `land.inflation`, `land.inflation_expectations` | the same of what is known of the last two years | as `land.treasury_yields`, on the same day: later ones are skipped |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; what reads it in gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder.market import market_dag

dag = market_dag("economy", doc_md=__doc__)
