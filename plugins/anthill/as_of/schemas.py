"""The schemas of rebuilds in Unity Catalog, over REST through the provider's hook: made, listed, dropped."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

from anthill import moments
from anthill.governance.listing import AT, everything
from anthill.governance.permissions import Api

_COMMENT = "As of {}: rebuilt by `anthill as-of` from what bronze held then. Nothing that is current reads it."


class Schemas:
    """The catalog's schemas that are as of a moment; the environment's own are never among them."""

    def __init__(self, hook: Api, catalog: str) -> None:
        self._hook = hook
        self._catalog = catalog

    def create(self, moment: dt.datetime) -> list[str]:
        """Make those of a moment that are missing; the full names of all."""
        there = self._names()
        for layer in moments.LAYERS:
            name = moments.schema(layer, moment)
            if name not in there:
                body = {"name": name, "catalog_name": self._catalog, "comment": _COMMENT.format(moments.text(moment))}
                self._hook._do_api_call(("POST", f"{AT}/schemas"), body)
        return [f"{self._catalog}.{moments.schema(layer, moment)}" for layer in moments.LAYERS]

    def drop(self, moment: dt.datetime) -> list[str]:
        """Drop those of a moment with all that is in them; their full names, none where there were none."""
        mine = [name for name in sorted(self._names()) if moments.of_schema(name) == moment]
        for name in mine:
            full = quote(f"{self._catalog}.{name}", safe="")
            self._hook._do_api_call(("DELETE", f"{AT}/schemas/{full}?force=true"))
        return [f"{self._catalog}.{name}" for name in mine]

    def rebuilds(self) -> list[dict[str, Any]]:
        """Every rebuild by its moment: when it was made, and the tables of its gold."""
        made = {
            moment: schema.get("created_at")
            for name, schema in self._names().items()
            if (moment := moments.of_schema(name)) and name == moments.schema("gold", moment)
        }
        return [
            {
                "as_of": moments.text(moment),
                "schema": f"{self._catalog}.{moments.schema('gold', moment)}",
                "made": moments.text(dt.datetime.fromtimestamp(at // 1000, dt.UTC)) if at else None,
                "tables": self._tables(moments.schema("gold", moment)),
            }
            for moment, at in sorted(made.items())
        ]

    def _tables(self, schema: str) -> list[str]:
        asked = {"catalog_name": self._catalog, "schema_name": schema, "omit_columns": "true"}
        return sorted(table["name"] for table in everything(self._hook, "tables", **asked))

    def _names(self) -> dict[str, dict[str, Any]]:
        """The schemas that are as of a moment, by name."""
        found = everything(self._hook, "schemas", catalog_name=self._catalog)
        return {schema["name"]: schema for schema in found if moments.of_schema(schema["name"])}
