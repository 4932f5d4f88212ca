"""`python -m delivery`: packages for MWAA and images for recorders: made, delivered, brought back, as `make` says."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from delivery.checkout import Checkout
from delivery.errors import DeliveryError, RefusedError
from delivery.target import Target

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Exit code 0 only where what was asked for is done and works."""
    arguments = parser().parse_args()
    try:
        arguments.run(arguments)
    except RefusedError as error:
        return ended(f"No package was made:\n{error}")
    except DeliveryError as error:
        return ended(str(error))
    except (BotoCoreError, ClientError) as error:
        return ended(f"AWS did not answer as it should: {error}\nThe same command again goes on from here.")
    return 0


def ended(message: str) -> int:
    """Tell people why it did not work."""
    print(message, file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m delivery", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    package = commands.add_parser("package", help="make exactly what MWAA takes from this checkout")
    package.add_argument("--out", type=Path, default=ROOT / "dist" / "mwaa")
    package.add_argument("--wheels", metavar="UV", help="with what requirements.txt installs, fetched by this uv")
    package.set_defaults(run=run_package)
    deploy = commands.add_parser("deploy", help="deliver a package, and bring the former back where it does not work")
    deploy.add_argument("--package", type=Path, default=ROOT / "dist" / "mwaa")
    deploy.set_defaults(run=run_deploy)
    rollback = commands.add_parser("rollback", help="bring an earlier delivery back")
    rollback.add_argument("--to", help="a tag, a commit or the id of a delivery; else the one before the current")
    rollback.set_defaults(run=run_rollback)
    for command in (deploy, rollback):
        command.add_argument("--env", required=True, help="dev, staging or prod")
        command.add_argument("--poll", type=float, default=30, help="seconds between two looks")
        command.add_argument("--patience", type=float, default=240, help="minutes for the environment's update")
        command.add_argument("--sync", type=float, default=40, help="seconds that MWAA may take to copy dags/")
        command.add_argument("--health-patience", type=float, default=15, help="minutes for DAGs to be parsed")
    push = commands.add_parser("recorder-push", help="build the recorders' image and push it as a release")
    push.add_argument("--tool", default="docker", help="docker, or what takes its commands")
    push.set_defaults(run=run_push)
    move = commands.add_parser("recorder-deploy", help="run a release's image in every recorder, an earlier one's too")
    move.add_argument("--wait", type=float, default=0, help="minutes for an image that is being pushed")
    move.set_defaults(run=run_move)
    for command in (push, move):
        command.add_argument("--env", required=True, help="dev, staging or prod")
        command.add_argument("--tag", required=True, help="the release, such as v1.4.0")
        command.add_argument("--poll", type=float, default=10, help="seconds between two looks")
    return top


def run_package(arguments: argparse.Namespace) -> None:
    """Make the package."""
    from delivery import package, wheels

    checkout = Checkout(ROOT)
    brought = wheels.fetched(checkout.read("requirements.txt").decode(), arguments.wheels) if arguments.wheels else None
    made = package.build(checkout, arguments.out.resolve(), brought)
    print(f"{arguments.out}: {made.name()}, {len(made.files)} files, DAGs {', '.join(made.dags)}")


def run_deploy(arguments: argparse.Namespace) -> None:
    """Deliver the package."""
    from delivery.artefacts import Artefacts

    artefacts = Artefacts.packed(arguments.package.resolve())
    if artefacts.changed and arguments.env != "dev":
        raise DeliveryError(f"{artefacts.name()} is no commit: only dev takes such a package")
    deployment(arguments).run(artefacts)


def run_rollback(arguments: argparse.Namespace) -> None:
    """Bring an earlier delivery back."""
    ours = deployment(arguments)
    current = ours.history.latest()
    if current is None:
        raise DeliveryError(f"nothing was ever delivered to {arguments.env}")
    wanted = ours.history.find(arguments.to, Checkout(ROOT)) if arguments.to else ours.history.before(current)
    ours.say(f"From {current.id} back to {wanted.id}")
    ours.run(wanted.artefacts, origin=wanted.origin)


def run_push(arguments: argparse.Namespace) -> None:
    """Build and push the recorders' image."""
    images(arguments, *signed_in(arguments.env), saying()).push(arguments.tag, ROOT, arguments.tool)


def run_move(arguments: argparse.Namespace) -> None:
    """Run a release's image in every recorder."""
    from delivery.recorders import Recorders

    (target, session), say = signed_in(arguments.env), saying()
    released = images(arguments, target, session, say)
    recorders = Recorders(session.client("ecs"), released.name, say, poll=arguments.poll)
    recorders.move(lambda: str(released.image(arguments.tag, arguments.wait * 60)))


def images(arguments: argparse.Namespace, target: Target, session: Any, say: Callable[[str], None]) -> Any:
    """Where the environment's images lie; the recorders' cluster has the same name."""
    from delivery.repository import Repository

    return Repository(session.client("ecr"), f"{target.name}-recorder", say, poll=arguments.poll)


def signed_in(environment: str) -> tuple[Target, Any]:
    """An environment, and a session of AWS that is in its account."""
    import boto3

    target = Target.of(environment)
    session = boto3.Session(region_name=target.region)
    target.check(session.client("sts"))
    return target, session


def saying() -> Callable[[str], None]:
    """What tells people a line, with the minutes since now."""
    start = time.monotonic()

    def say(line: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - start), 60)
        print(f"{minutes:02d}:{seconds:02d}  {line}", flush=True)

    return say


def deployment(arguments: argparse.Namespace) -> Any:
    """What delivers to the environment that was asked for."""
    from delivery.bucket import Bucket
    from delivery.deployment import Deployment
    from delivery.environment import Environment

    (target, session), say = signed_in(arguments.env), saying()
    environment = Environment(
        session.client("mwaa"), target.name, say, poll=arguments.poll, patience=arguments.patience * 60
    )
    bucket = Bucket(session.client("s3"), environment.read()["SourceBucketArn"].rpartition(":")[2])
    secrets = session.client("secretsmanager")
    return Deployment(environment, bucket, secrets, say, arguments.health_patience * 60, arguments.sync)


if __name__ == "__main__":
    sys.exit(main())
