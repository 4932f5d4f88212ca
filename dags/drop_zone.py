"""The drop zone: a CSV that somebody puts under `input/` of its bucket is landed, loaded and answered under `output/`.

**What it makes.** Of `input/<asset class>/<dataset>/<name>.csv`: a commit of bronze, rows of silver and gold, and below
`output/<asset class>/<dataset>/<name>.csv/` the accepted rows as Parquet and CSV, the lines in quarantine with their
numbers, and `answer.json`, which is written last and names them. Files are taken of asset classes whose `source` is
`drop`; how one is declared is in docs/how-to/add-a-file.md.

**When.** Every 15 minutes, and as soon as a message tells of a file where `anthill.drop_queue` names the queue, once
somebody has turned it on: it is off at first. A run lists the bucket, whatever started it: a message that is lost,
doubled or late changes nothing. Where nothing waits all tasks are skipped, and no job starts.
Airflow's backfill has nothing to give.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `land` | the bucket or bronze could not be read or written; files that cannot be taken do not fail it, they are answered | read the last lines of the log; the next sweep takes what waits |
| `silver` | a day of files could not be loaded; they stay without an answer, and the next sweep tries again | the message names the object; mend it and clear the task |
| `answer` | the warehouse or the bucket did not answer; rows are loaded | look at the connection `databricks_reader`; the next sweep answers |
| `quality`, `gold`, `grants` | as in any other DAG; answers do not wait for them | the message has the numbers, or the page of the run |

Every task may be cleared and run again at any time: a file is landed once and answered once.
"""

from anthill.dag_builder.drop import drop_dag

dag = drop_dag(doc_md=__doc__)
