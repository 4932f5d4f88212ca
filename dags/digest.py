"""Sends one message a day that says how all sources are: the newest market day of every asset class in a line.

Airflow makes it paused: turn it on where somebody wants to read that all is well. Whatever is wrong has its own
messages, with or without this one.

**What it makes.** A message (kind `digest`, a notice) with datasets, rows, revisions, rows in quarantine, calls of the source, and how long after it was due gold had the day.
It is read off the ledger: nothing is asked of a source, and no compute starts.

**When.** Every day at noon UTC, when all markets of the day before are due.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `send` | S3 did not give the ledger, or SNS did not take the message | the message names the bucket or the topic; clear the task |
"""

from anthill.digest.dag import digest_dag

dag = digest_dag(doc_md=__doc__)
