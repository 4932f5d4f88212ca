"""Erases a person, or a market day, of a dataset that is `personal`: somebody asks, somebody approves, nothing can be brought back.

**What it makes.** A plan (objects, rows, days; no name of anybody) that waits for an approval. Then: the newest answer of each market day is written anew without the person's
rows, every version of every object that had them is deleted, and so are the rows of silver, gold and quality that came of them, with the files behind them. A record stays beside
bronze, in `_erasure/records/`: who approved which plan when, and what was erased.

**When.** When somebody starts it with the form in Airflow. A person is given by the SHA-256 of the value in a column, never by the value: `printf %s anna@example.org | sha256sum`.

**What a failure means, and what to do.** Every task goes on where it was cut off.

| task | it means | do |
| --- | --- | --- |
| `plan` | the form names no personal dataset or column, or an object of bronze cannot be read | the message says what is allowed, or names the object |
| `approve` | skipped tasks behind it: somebody rejected the plan, or nobody answered within a week | start another run |
| `bronze` | nobody approved; the role may not be taken; or the person was landed again meanwhile | the message says which: have the source erase first, then start another run |
| `tables` | a run of the asset class is writing, or the job failed | it is tried again; else as the message says, then clear it |
| `record` | not everything is erased | clear the red task |

Afterwards run a backfill over the plan's days: silver's other rows are loaded again, and gold is computed without the person.
"""

from anthill.erasure.dag import erasure_dag

dag = erasure_dag(doc_md=__doc__)
