"""ToteSys, the database of a business that sells tote bags: a run is a cut of all its tables, every three minutes.

**What it makes.** Each table whose rows have changed as PostgreSQL copies it, and the list of what belongs together, in bronze;
each version of a row, and from when to when it was so, in `silver.totesys_*`; and for analysts a star:
`gold.totesys_fact_sales_order` (a row a version of an order), `totesys_dim_staff`, `totesys_dim_location`,
`totesys_dim_design`, `totesys_dim_date`, `totesys_dim_currency` and `totesys_dim_counterparty`.

**When.** Every three minutes, once somebody has turned it on: it is off at first. Where nothing has changed all tasks are
skipped, nothing is written and no job starts. A database answers for the present: Airflow's backfill has nothing to
give, and a run that is cleared finds its own cut.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land` | the tables could not be read as of one moment; nothing was committed | read the last lines of the log: a wrong password, certificate or right needs the connection `totesys_default` mended; a column that is missing or of another type needs `include/datasets/totesys.yaml` and its SQL changed; all else is retried, and the next run reads the tables anew |
| `silver` | a bronze object is not what was landed, or its rows cannot be read; what the cut changed in the other tables is loaded | the message names the object; restore that version and clear the task. A later cut stands for it: then only the versions between are not known |
| `quality` | the rows break a critical expectation; gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; the next cut is judged anew |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |
| `consumption.*` | readers by Athena do not have it; there only where Athena is used | the message names the table or the query, and what it scanned; clear the task |

Every task may be cleared and run again at any time: the same cut changes nothing.
"""

from anthill.dag_builder.cut import cut_dag

dag = cut_dag("totesys", doc_md=__doc__)
