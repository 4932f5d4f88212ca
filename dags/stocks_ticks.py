"""Trades and quotes of listed US stocks, one run a market day (XNYS); there only where `lists.tick` names any.

**What it makes.** `silver.stocks_trades` and `silver.stocks_quotes`, a row a trade and quote as the exchanges key them, and
`gold.stocks_spreads`: time-weighted spread and depth by minute. In `quality.results` (`compared_with = 'trades'`) how the minutes
rebuilt from trades compare with `minute_bars`, which count.

**When.** At 14:00 New York the next day (11:00 after an early close), when the day's flat files are there; by REST where the plan
has none. It is off at first, since a day of trades and quotes is as large as a year of bars (`docs/scale.md`).

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land.*` | the day's file is not there yet, was replaced while it was read, or has another header; or a call for a ticker failed | read the log's last lines; all but a header and a key is retried; clear the task |
| `silver` | a bronze object is not what was landed, or its rows cannot be read | the message names the object; restore that version, or clear `land.*` |
| `quality` | the day breaks a critical expectation | the message has the numbers; look at `quality.results` and `quality.quarantine` |
| `reconcile` | trades and bars could not be compared; gold does not wait for it | open the run's page from the task's link; clear the task |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |

Every task may be cleared and run again at any time: the same answers change nothing.
"""

# An Airflow DAG where there is something to take: its file is read for the word.
from anthill.dag_builder.ticks import ticks_dag

dag = ticks_dag("stocks", doc_md=__doc__)
