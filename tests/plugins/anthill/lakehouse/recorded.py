"""Results of quality as they are on record: nobody changes what is expected of a day, or what is said, unawares.

The files beside this one were first written at commit 3729df7, when every expectation was written out in SQL:
`RECORD=1 pytest` over the tests that compare with them writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

_FOLDER = Path(__file__).parent / "recorded"
_COLUMNS = ("asset_class", "dataset", "market_date", "expectation", "severity", "threshold", "passed")
_TOLD = ("observed", "message")
_CLOCKED = pl.col("expectation") == "after_close"  # an answer's seconds are the machine's


def assert_as_recorded(results: pl.DataFrame, name: str, clocked: bool = False) -> None:
    """The same expectations of the same days, with what was observed, allowed and said."""
    told = results.select(
        *_COLUMNS,
        *(pl.when(_CLOCKED & clocked).then(None).otherwise(pl.col(column)).alias(column) for column in _TOLD),
    ).sort(_COLUMNS[:4])
    file = _FOLDER / f"{name}.parquet"
    if os.environ.get("RECORD"):
        file.parent.mkdir(exist_ok=True)
        told.write_parquet(file, compression="zstd", compression_level=19, statistics=False)
    assert_frame_equal(told, pl.read_parquet(file))
