"""`anthill doctor`: Airflow seen from here, and all the rest seen from where its tasks run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from anthill.cli.airflow import AirflowError, wait
from anthill.cli.runs import result
from anthill.cli.session import Session, session_of

Found = dict[str, Any]


def doctor(
    context: typer.Context,
    deep: Annotated[bool, typer.Option(help="Also run the DAG doctor: connections, rights, clock and plan.")] = True,
) -> None:
    """Ask whether the platform is well.

    Connections, rights, the clock, pools, versions and the plan; ends with 1 if any is not well.

    Example: anthill doctor --no-deep
    """
    session = session_of(context)
    found: list[Found] = []

    def tell(check: Found) -> None:
        found.append(check)
        said = f"{check['name']}: {check['said']}"
        if not check.get("asked", True):
            session.say(f"- {said}")
            return
        session.say_well(check["ok"], said)
        if not check["ok"]:
            session.say(f"    {check['do']}")

    for name, do, look in _CHECKS:
        tell(_look(session, name, do, look))
        if name == "Airflow" and not found[0]["ok"]:
            break
    else:
        if deep:
            for check in _examined(session):
                tell(_beside_its_dag(session, check))
    session.answer(found)
    raise typer.Exit(0 if all(check["ok"] for check in found) else 1)


def _look(session: Session, name: str, do: str, look: Callable[[Session], tuple[bool, str]]) -> Found:
    try:
        ok, said = look(session)
    except AirflowError as error:
        ok, said = False, str(error)
    return {"name": name, "ok": ok, "said": said, "do": "" if ok else do}


def _airflow(session: Session) -> tuple[bool, str]:
    return True, f"{session.airflow.name}, Airflow {session.airflow.call('GET', '/version')['version']}"


def _health(session: Session) -> tuple[bool, str]:
    health = session.airflow.call("GET", "/monitor/health")
    # A part that is not deployed says nothing of itself.
    states = {name: part["status"] for name, part in health.items() if part and part.get("status")}
    return set(states.values()) <= {"healthy"}, ", ".join(f"{name} {state}" for name, state in states.items())


def _imports(session: Session) -> tuple[bool, str]:
    errors = session.airflow.call("GET", "/importErrors")["import_errors"]
    return not errors, "; ".join(error["filename"] for error in errors) or "none"


def _dags(session: Session) -> tuple[bool, str]:
    from anthill import catalog

    there = session.airflow.call("GET", "/dags", {"limit": 100})["dags"]
    paused = {dag["dag_id"]: dag["is_paused"] for dag in there}
    wanted = [*catalog.asset_classes(), "market_backfill", "market_as_of", "coverage_index", "doctor"]
    if missing := [name for name in wanted if name not in paused]:
        return False, f"{', '.join(missing)} is not there"
    off = [name for name in wanted if paused[name]]
    return True, f"{len(wanted)} are there" + (f", turned off: {', '.join(off)}" if off else "")


def _pool(session: Session) -> tuple[bool, str]:
    pool = session.airflow.call("GET", "/pools/polygon")
    return pool["slots"] > 0, f"{pool['slots']} slots, {pool['occupied_slots']} taken, {pool['queued_slots']} waiting"


def _examined(session: Session) -> list[Found]:
    """What the doctor DAG says, once it has run."""
    airflow = session.airflow
    try:
        if airflow.call("GET", "/dags/doctor")["is_paused"]:
            airflow.call("PATCH", "/dags/doctor", {"update_mask": "is_paused"}, {"is_paused": False})
        session.say("Looking from where the tasks run (DAG doctor) …")
        run = airflow.call("POST", "/dags/doctor/dagRuns", body={"logical_date": None, "conf": {}})["dag_run_id"]
        wait(airflow, "doctor", run, patience=900)
        found: list[Found] = result(session, "doctor", run, "examine")
    except AirflowError as error:
        return [{"name": "DAG doctor", "ok": False, "said": str(error), "do": "See the log of its task in Airflow"}]
    return found


def _beside_its_dag(session: Session, check: Found) -> Found:
    """A slot is not well while nobody reads it; whether its DAG is on, Airflow knows and no task of it."""
    dag = check.get("dag", "")
    if not dag:
        return check
    try:
        if not session.airflow.call("GET", f"/dags/{dag}")["is_paused"]:
            return check
    except AirflowError as error:
        return {**check, "ok": False, "said": f"{check['said']}; whether its DAG is on: {error}"}
    return {**check, "ok": False, "said": f"{check['said']}; the DAG {dag} is off, and nobody reads it"}


_CHECKS = (
    ("Airflow", "Correct ANTHILL_URL or ANTHILL_MWAA and sign in as who may", _airflow),
    ("health", "Start the part that is not healthy; on MWAA see the environment's health", _health),
    ("import errors", "Mend the file that is named", _imports),
    ("DAGs", "Deploy dags/, plugins and include/; read the import errors", _dags),
    ("pool polygon", "airflow pools import include/pools.json", _pool),
)
