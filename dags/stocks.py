"""US stocks, one run a market day (XNYS).

**What it makes.** Raw JSON in bronze, typed rows in `silver.stocks_*`, and for analysts `gold.stocks_*`:

| landed | what | in gold |
| --- | --- | --- |
| `grouped_daily`, `tickers`, `splits`, `dividends` | the day's bars of the whole market, who is listed, what was split and paid | `daily_prices`, `daily_returns`, `market_summary`, `instruments`, and what they stand on |
| `adjusted_daily` | the source's own adjusted bars of the market day before, for the present only; compared with our factors by `reconcile` | none |
| `minute_bars` | minutes of the tickers in `lists.ticker` of `include/datasets/stocks.yaml` | `intraday_stats` |
| `short_volume`, `short_interest` | short sales of the day; open short positions, twice a month, 10 market days after their settlement date | `short_volume`, `short_interest` |
| `income_statements`, `balance_sheets`, `cash_flow_statements` | company reports by their filing date | `filed_statements`, `financials` (what was known when) |
| `news` | articles of the UTC day and of days off before it | `news` |
| `ratios` | the source's own ratios, for the present only | `ratios` |
| `exchanges`, `conditions`, `ticker_types`, `market_holidays` | what codes stand for, holidays to come; for the present only | none |

**When.** Six hours after the close (22:00 New York, earlier after an early close). Bars, news, short sales and reports of the
three market days before are fetched again, since the source revises them. Past days: Airflow's backfill, or `market_backfill`
for years; what the source has for the present only is skipped there. Snapshots in market hours: `stocks_intraday`.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.*` | the source did not give a whole answer; nothing was committed | read the last lines of the log: a bad key or a missing entitlement needs the connection `polygon_default` mended, all else is retried; clear the task |
| `land.grouped_daily` | as above, or the day has no bars yet | wait until the source has the day; clear the task. Prices, returns and sessions of the day wait for it |
| `land.minute_bars` | the call for one ticker failed; none of the list is landed | the message names the ticker; a symbol that the source does not know is no failure but a warning of `quality` |
| `land.income_statements`, `land.balance_sheets`, `land.cash_flow_statements`, `land.ratios` | often a plan without financials (403) | get the entitlement, or take the datasets out of `include/datasets/stocks.yaml`; nothing else waits for them |
| skipped `land.ratios`, `land.exchanges`, … | the run is of another day than the present | nothing: the day cannot be had |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day is loaded but breaks a critical expectation; what reads it in gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; clear from `land.*` once the source is right |
| `reconcile` | the source's own adjusted prices differ from ours by another split, and the declaration holds such a day back (`severity: critical`); as a warning it is never red | the message has ticker, day and both factors; declare what is right in `include/corrections/stocks.yaml`, or clear from `land.*` once the source is right |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |
| `consumption.*` | readers by Athena do not have the day; there only where Athena is used | the message names the table or the query, and what it scanned; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

from anthill.dag_builder.market import market_dag

dag = market_dag("stocks", doc_md=__doc__)
