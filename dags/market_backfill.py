"""Years of market days at a time, of any asset class, started with a form in the Airflow UI.

**What it makes.** The same bronze, silver and gold as the asset class's own DAG makes a day at a time, in chunks: a chunk
is landed with many calls at once under one rate limit, loaded by one Databricks run, and at the end quality and gold run
once over the whole range. The run's note and the log of `chunk.land` say how many days are done and left, and when it
will end.

**What it fetches.** Only what bronze lacks, unless *All again* is on; exactly the days of *Only these days* where the coverage page or `anthill backfill --gaps`
filled that in. Stopped or killed at any point and started again
with the same form it goes on where it was.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `plan` | the form asks for what is not there; nothing behind it runs | the message says what is allowed; trigger again |
| `chunk.land` (of another kind of source `chunk.land_<kind>`) | the key is wrong, S3 or the disk do not take the pages | mend it; clear the task |
| `chunk.silver` | bytes in bronze are not as landed, or cannot be read | the message names the object; clear `chunk.land` or the task |
| `quality` | some day breaks a critical expectation; gold has all others | look at `quality.results` |
| `gold` | a notebook failed; tables keep their former state | open the run's page; clear the task |
| `report` | market days are missing that the API plan includes | each is listed with its reason; trigger again |

Days before the API plan's history, and datasets that it does not include, are listed and do not fail the run.
"""

from anthill.backfill.dag import backfill_dag

dag = backfill_dag(doc_md=__doc__)
