"""Brings the coverage index up to what bronze holds; for the day that the coverage page in Airflow and bronze disagree.

**What it makes.** Nothing where all is well: landings and loads tell the index themselves. Of what they could not tell
(a task killed between two writes, objects restored by hand) it reads the metadata in bronze and tells the index.
What the index knows of refusals and attempts stays.

**When.** When somebody starts it, or by `anthill coverage --rebuild`. It lists all of bronze: a minute a million objects.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| any | S3 did not answer, or an object is no commit of the landing | the message names the object; restore its earlier version, clear the task |
"""

from anthill.coverage.dag import index_dag

dag = index_dag(doc_md=__doc__)
