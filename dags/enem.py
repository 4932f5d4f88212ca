"""ENEM, Brazil's exam at the end of secondary school: a run looks whether INEP has published another edition.

**What it makes.** The tables of each edition as they lie in its zip, and the list of what belongs together, in bronze; typed in
`silver.enem_*` (candidates or participants and results, items, the dictionary); and for analysts `gold.enem_scores`: scores by
state, kind of school, sex and year, with counts.

**When.** Daily, once somebody has turned it on: it is off at first. Where no edition is new all tasks are skipped, nothing is
written and no job starts. The parameter `edition` takes one by hand, new or not. What lies in a zip and is no table is named in
the run's note. Airflow's backfill has nothing to give: a URL says what it holds now.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land` | an edition could not be read whole; nothing of it was committed, the others are there | read the last lines of the log: a header that nobody has declared is told with its new and gone columns and goes into `include/datasets/enem.yaml`; a certificate that does not validate wants the missing one in `include/certificates`; all else is retried, and the next run looks again |
| `silver` | a bronze object is not what was landed, or its rows cannot be read; the other tables are loaded | the message names the object; mend it and clear the task |
| `quality` | rows break a critical expectation; gold keeps its former state | the message has the numbers; look at `quality.results` and `quality.quarantine`; run the edition by hand when it is mended |
| `gold` | a notebook failed; tables keep their former state | open the run's page from the task's link; clear the task |
| `grants` | readers are not as declared in `include/grants/` | the message names the securable and the principal; clear the task |
| `consumption.*` | readers by Athena do not have it; there only where Athena is used | the message names the table or the query, and what it scanned; clear the task |

Every task may be cleared and run again at any time: the same edition changes nothing.
"""

from anthill.dag_builder.edition import edition_dag

dag = edition_dag("enem", doc_md=__doc__)
