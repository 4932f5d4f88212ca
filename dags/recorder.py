"""Who listens to streams, and do they run? Recorders are services of a container cluster: Airflow runs none, but shows, starts and stops them.

**What it makes.** A line for each recorder in the run's note and in the task's log: whether it runs, and which image. With *start* or *stop* it sets how
many tasks of the recorder there are, one or none, and waits until it is so.

**When.** When somebody starts it. A stopped recorder is stopped until somebody starts it again; what it does not hear is a gap, which is listed and fetched
by REST.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `recorders` | this environment has no recorder of the asset class, or it did not start within ten minutes | the message says which, and what the cluster says of it |
"""

from anthill.recorders.dag import recorder_dag

dag = recorder_dag(doc_md=__doc__)
