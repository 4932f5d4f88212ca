"""Stream of crypto: bars as `anthill record crypto` keeps them, loaded each quarter of an hour, settled next day.

**What it makes.** `silver.crypto_minute_stream`: a row a pair and minute, the last one received, with when and how it came. It is
provisional: gold reads `minute_bars`, which REST gives once the day is over. In `quality.results` how both compare
(`compared_with = 'minute_stream'`): bars that are equal, corrected, only here, only there, and how they came.

**When.** Every 15 minutes, once somebody has turned it on: it is off at first, and so is the recorder, which no DAG runs. A run is
about the present UTC day and the one before; by hand it takes the day asked for. Where nothing was recorded all is skipped.
Airflow's backfill has nothing to give: nothing of a stream is replayed.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `gaps` | the minutes that nobody heard could not be fetched; the log names each gap with its cause | read its last lines: a key or an entitlement needs the connection `polygon_default` mended, all else is retried, and the next run asks again |
| `silver` | a segment is not what was recorded, or cannot be read; the day keeps its former rows | the message names the object; restore that version and clear the task |
| `settle` | both accounts could not be compared; gold does not wait for it | open the run's page from the task's link; clear the task |

Every task may be cleared and run again at any time: the same segments change nothing.
"""

from anthill.dag_builder.stream import stream_dag

dag = stream_dag("crypto", doc_md=__doc__)
