"""Snapshots of every US stock in market hours, every 15 minutes; off until somebody turns this DAG on.

**What it makes.** One object in bronze a moment, named by its time in UTC. The day's run of `stocks` loads them all into silver.

**When.** From the open to the close of each session (XNYS, early closes included). Moments gone by cannot be had: a run
that comes too late is skipped, and nothing is made up for. One run at a time, so that a slow one never overlaps the next.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| any | the source did not give a whole answer in time; nothing was committed | nothing: Airflow's next run is a quarter of an hour away; if it stays, read the last lines of the log |
"""

from anthill.dag_builder.intraday import intraday_dag

dag = intraday_dag("stocks", doc_md=__doc__)
