"""Run by MWAA's Python in the laid-out folders: what is installed, which DAGs load, and how a market day ends."""

import importlib.metadata
import json
import sys
import warnings


def found() -> dict:
    """Distributions, DAGs, import errors, and where the package came from."""
    from airflow.dag_processing.dagbag import DagBag

    import anthill

    bag = DagBag()
    return {
        "distributions": {each.metadata["Name"]: each.version for each in importlib.metadata.distributions()},
        "dags": sorted(bag.dags),
        "errors": bag.import_errors,
        "package": anthill.__file__,
        "path": sys.path,
    }


def ended(dag_id: str, day: str) -> dict:
    """Each task's state after a run of the day, none of them retried."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    dag = DagBag().dags[dag_id]
    dag.deadline = None  # dag.test() cannot look up alerts that no scheduler has stored
    for task in dag.tasks:
        task.retries = 0
    run = dag.test(run_conf={"market_date": day})
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answer = found() if sys.argv[1] == "found" else ended(*sys.argv[2:])
    print("\n" + json.dumps(answer))
