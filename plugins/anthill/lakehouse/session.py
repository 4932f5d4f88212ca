"""The one way in which a run speaks to Spark whose tables lie elsewhere: to it they are silver, quality and gold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from anthill.lakehouse.statements import LAYERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class PlacedSession:
    """A Spark session in which every table is named as in the environment's own schemas, and lies elsewhere.

    It has the calls that the steps make, and no other: a table that is named in another way is not found, and nothing
    that a step does can reach what analysts read.
    """

    def __init__(self, spark: SparkSession, catalog: str, place: Callable[[str], str]) -> None:
        """`place` is what stands before a table's name in the catalog, in the place of its layer and the dot."""
        self._spark = spark
        self._place = place
        self._own = re.compile(rf"(?<![\w.`]){re.escape(catalog)}\.({'|'.join(LAYERS)})(\.|(?!\w))", re.IGNORECASE)
        self._catalog = catalog
        self.catalog = _Catalog(self)
        self.createDataFrame = spark.createDataFrame

    def named(self, text: str) -> str:
        """A text with the places in which the tables lie."""
        return self._own.sub(self._named, text)

    def _named(self, found: re.Match[str]) -> str:
        placed = self._place(found[1].lower())
        return f"{self._catalog}.{placed if found[2] else placed[:-1]}"

    @property
    def read(self) -> _Read:
        """A reader of files."""
        return _Read(self._spark)

    def sql(self, statement: str, *arguments: Any, **named: Any) -> DataFrame:
        """Run a statement."""
        return self._spark.sql(self.named(statement), *arguments, **named)

    def table(self, name: str) -> DataFrame:
        """A table or view."""
        return self._spark.table(self.named(name))


class _Catalog:
    """What a step asks the catalog."""

    def __init__(self, session: PlacedSession) -> None:
        self._session = session

    def tableExists(self, name: str) -> bool:  # noqa: N802 - Spark's name
        """Whether a table is there."""
        return self._session._spark.catalog.tableExists(self._session.named(name))

    def getTable(self, name: str) -> Any:  # noqa: N802 - Spark's name
        """What the catalog says of a table or view."""
        return self._session._spark.catalog.getTable(self._session.named(name))


class _Read:
    """Files, which lie in bronze."""

    def __init__(self, spark: SparkSession) -> None:
        reader = spark.read
        self.format, self.text = reader.format, reader.text
