"""The SQL of a gold table: its text, its digest, what it reads and how far back. Known without a session."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from anthill.catalog import AssetClass
from anthill.lakehouse import beside, statements

REACH = 40  # market days back that a row may depend on: 20 returns, each on a close up to 20 days earlier
# Words of SQL, and how far back each is: a median of 66 days, each on a close up to 20 days earlier; a year, with which
# a row is joined (far) or which is summed up on the way to it.
REACHES = {"reach": REACH, "quarter_reach": 86, "far_reach": 252, "year_reach": 252}
AHEAD = 1  # market days after its own that a row of SQL with the word {next} depends on


class Logic:
    """What computes a gold table; it waits for the datasets `silver`, and takes `any_silver` as they are."""

    def __init__(self, declared: AssetClass, name: str) -> None:
        self.declared = declared
        self.name = name
        self.file = statements.path("gold", declared.asset_class, name)
        # A declared fact is part of the SQL, so that its days are outdated when another one is declared.
        self.sql = statements.code(self.file).replace("{benchmark}", _text(declared.benchmark))
        self.sql = self.sql.replace("{pegs}", _bands(declared.pegs))
        self.digest = hashlib.sha256(self.sql.encode()).hexdigest()
        self.silver = {dataset for dataset in declared.datasets if self.reads("silver", dataset)}
        self.any_silver = beside.named(self.sql)
        self.looks_back = max((days for word, days in REACHES.items() if f"{{{word}}}" in self.sql), default=0)
        self.looks_ahead = AHEAD if "{next}" in self.sql else 0

    def reads(self, layer: str, table: str) -> bool:
        """Whether it reads a table of its asset class; `layer` is the word of its SQL, such as any_gold."""
        if table not in self.sql:  # nearly always; to look for a word costs more
            return False
        asset_class, name = self.declared.asset_class, re.escape(table)
        views = rf"|\b(days|roots)_of_{name}\b" if layer == "gold" else ""
        return bool(re.search(rf"{{{layer}}}\.{asset_class}_{name}\b{views}", self.sql))


def _text(value: str | None) -> str:
    """A symbol in SQL; no declaration has a quote in one."""
    return f"'{value}'" if value else "CAST(NULL AS STRING)"


def _bands(pegs: Mapping[str, tuple[float, float]]) -> str:
    """Declared bands as rows of SQL: ticker, low, high; a row of NULL where there is none."""
    rows = [
        f"('{ticker}', CAST({low} AS DOUBLE), CAST({high} AS DOUBLE))" for ticker, (low, high) in sorted(pegs.items())
    ]
    return ", ".join(rows) or "(CAST(NULL AS STRING), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE))"
