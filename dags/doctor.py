"""Is the platform well? Connections, rights, the clock, the API plan and versions, seen from where the tasks run.

**What it makes.** A list of checks, in the task's log in Airflow and as its result. It makes one call of the API for each asset class and two more,
asks each database that has a connection for its replication slots, and writes one object of four bytes under `polygon/_doctor/` of bronze, and one where documents lie.

**When.** When somebody starts it, or by `anthill doctor`: after a deployment, and first of all when anything is wrong.

**What a failure means, and what to do.**

| task | it means | do |
| --- | --- | --- |
| `examine` | at least one check is not well | its log says for each what was seen and what to do |
"""

from anthill.doctor.dag import doctor_dag

dag = doctor_dag(doc_md=__doc__)
