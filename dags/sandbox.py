"""Keeps the schema `sandbox` small, in which engineers and scientists work.

**What it makes.** Nothing. Tables and views in `sandbox` are dropped when they are 30 days old, a week after a message (kind `sandbox`, a notice) named each with its owner and the day.
No compute starts: Airflow asks Unity Catalog over REST. Where an environment has no sandbox, the task is skipped.

**When.** Every day. After a pause nothing is dropped that nobody was told of a week before.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `clean` | a table could not be dropped, or a message could not be sent | the message names which; nothing else is lost, and the next run goes on |
"""

from anthill.sandbox.dag import sandbox_dag

dag = sandbox_dag(doc_md=__doc__)
