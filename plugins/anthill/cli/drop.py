"""`anthill drop`: files into the drop zone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anthill.cli.session import fail, session_of


def drop(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A file, or a folder of .csv files.", exists=True)],
    to: Annotated[str, typer.Option(help="Asset class and dataset, such as depot/stock.")],
    bucket: Annotated[str, typer.Option(envvar="ANTHILL_DROP_BUCKET", help="The drop zone's bucket.")],
) -> None:
    """Put files into the drop zone, with your own AWS credentials.

    What broke is resumed when the same command is given again, and a file that is there already is left alone. The
    answer about each lies below output/ once it is loaded.

    Example: anthill drop june.csv --to depot/stock --bucket anthill-dev-drop
    """
    from anthill.drops.upload import upload

    asset_class, slash, dataset = to.partition("/")
    if not (asset_class and slash and dataset) or "/" in dataset:
        raise typer.BadParameter(f"{to!r} is no asset class and dataset, write them as depot/stock")
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        fail(f"{path} has no file whose name ends with .csv")
    session = session_of(context)
    s3 = session.s3()
    came = {}
    for file in files:
        came[file.name] = upload(s3, bucket, to, file)
        session.say(f"{file.name}: {came[file.name]}, s3://{bucket}/input/{to}/{file.name}")
    session.answer(came)
