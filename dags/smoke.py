"""Does what was deployed to Databricks run, and may Airflow start it?

**What it makes.** One run of the job `anthill-smoke`, started as every other job of the platform. It changes nothing: the wheel is read whole, each schema is
asked for its tables, and with a *digest* the code and declarations that run must be those of the deployed commit.

**When.** After each delivery (`make smoke`), and when somebody starts it.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `smoke` | Airflow's principal may not start the job, an older wheel runs, or a schema cannot be read | the message names which, and what to do |
"""

from anthill.lakehouse.trial import smoke_dag

dag = smoke_dag(doc_md=__doc__)
