"""How long the local stack waits: a machine ten times slower is slow, not broken; what stands still is ended."""

from __future__ import annotations

import os

# Seconds without CPU used and anything written, after which a part is named and ended.
STANDSTILL = float(os.environ.get("ANTHILL_STANDSTILL_SECONDS", "120"))

# Seconds that a part has to end in good order before it is killed, and what the others write to after them: with what
# killing and looking takes, all is over in ten.
ENDING = 2.0
WRITING = 4.0

# Airflow's own time-outs fit a machine of its own. What ends a task that is at work, or takes it for dead, is ten times
# as long here; an answer of the API server may take as long as a standstill.
AIRFLOW = {
    "CORE__DAGBAG_IMPORT_TIMEOUT": "300",
    "CORE__TASK_SUCCESS_OVERTIME": "200",
    "DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "500",
    "DAG_PROCESSOR__HEALTH_CHECK_THRESHOLD": "300",
    "DAG_PROCESSOR__STALE_DAG_THRESHOLD": "500",
    "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "300",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "600",
    "SCHEDULER__TASK_QUEUED_TIMEOUT": "6000",  # how long a task's first token is valid, too
    "TRIGGERER__RUNNER_HEALTH_CHECK_THRESHOLD": "300",
    "WORKERS__EXECUTION_API_TIMEOUT": "120",
}
