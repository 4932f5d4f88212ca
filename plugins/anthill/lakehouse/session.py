"""The one way in which a rebuild speaks to Spark: to it the schemas of its moment are silver, quality and gold."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from anthill.as_of import moment as moments

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class MomentSession:
    """A Spark session in which every table is named as in the environment's own schemas, and lies in the moment's.

    It has the calls that the steps make, and no other: a table that is named in another way is not found, and nothing
    that a step does can reach what analysts read.
    """

    def __init__(self, spark: SparkSession, catalog: str, moment: dt.datetime) -> None:
        self._spark = spark
        self._moment = moment
        self._own = re.compile(rf"(?<![\w.`]){re.escape(catalog)}\.({'|'.join(moments.LAYERS)})(?!\w)", re.IGNORECASE)
        self._catalog = catalog
        self.catalog = _Catalog(self)
        self.createDataFrame = spark.createDataFrame

    def named(self, text: str) -> str:
        """A text with the moment's schemas in the place of the environment's own."""
        return self._own.sub(self._named, text)

    def _named(self, found: re.Match[str]) -> str:
        return f"{self._catalog}.{moments.schema(found[1].lower(), self._moment)}"

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

    def __init__(self, session: MomentSession) -> None:
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
