"""Since when an environment wants history: what lies before it is not missed."""

from __future__ import annotations

import datetime as dt

import msgspec

from anthill.catalog import AssetClass, DeclarationError


class HistoryError(DeclarationError):
    """The setting is no day, and no list of asset classes with a day each; the message says how to write it."""


def wanted(declared: AssetClass, setting: str) -> AssetClass:
    """The declaration with what an environment's setting says of it: a day, or days by asset class.

    HistoryError for a setting that is neither 2024-01-02 nor stocks=2024-01-02,forex=2023-01-02.
    """
    for each in filter(None, (part.strip() for part in setting.split(","))):
        name, _, day = each.rpartition("=")
        try:
            since = dt.date.fromisoformat(day)
        except ValueError:
            raise HistoryError(
                f"[anthill] history_from has {each!r}: write a day, as 2024-01-02, or one an asset class, as "
                "stocks=2024-01-02,forex=2023-01-02"
            ) from None
        if name in ("", declared.asset_class):
            declared = msgspec.structs.replace(declared, history_from=since)
    return declared
