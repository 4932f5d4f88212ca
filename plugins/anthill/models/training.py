"""A training: each kind is judged by walk-forward, fitted to all that is known and kept; the rule settles the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from anthill.models import promotion
from anthill.models.estimators import KINDS
from anthill.models.evaluation import Loss, walk_forward, whole
from anthill.models.forecaster import Forecaster
from anthill.models.panel import Panel
from anthill.models.registry import CHALLENGER, CHAMPION, ModelError, Registry

FIRST = "har"  # the champion where there has been none


def train(registry: Registry, panels: Mapping[str, Panel], kinds: Mapping[str, type] = KINDS) -> dict[str, Any]:
    """Fit and judge all kinds over these asset classes, keep a version of each, and settle the aliases."""
    losses: list[Loss] = []
    forecasters = {name: Forecaster(name) for name in kinds}
    too_short = []
    for asset_class, panel in panels.items():
        found, ratios = walk_forward(asset_class, panel, kinds)
        if not found:
            too_short.append(asset_class)
            continue
        losses += found
        known = panel.where(panel.whole & panel.universe & np.isfinite(panel.next_variance))
        for name, kind in kinds.items():
            forecasters[name].learn(asset_class, kind().fit(known), ratios[name])
    if not losses:
        raise ModelError("no asset class has two quarters of features yet: there is nothing to judge a model by")
    versions = {name: registry.keep(forecaster, losses) for name, forecaster in forecasters.items()}
    return {"versions": versions, "too_short": too_short, **settle(registry, versions, losses)}


def settle(registry: Registry, versions: Mapping[str, str], losses: list[Loss]) -> dict[str, Any]:
    """Champion is whoever the rule makes it; what is fitted anew of the champion's kind follows it, unless pinned."""
    held = registry.kind(CHAMPION)
    if held not in versions:
        champion, why = FIRST if FIRST in versions else next(iter(versions)), "there was no champion"
        registry.point(CHAMPION, versions[champion])
    else:
        champion, why = held, ""
        for challenger in versions:
            if challenger == held:
                continue
            verdict = promotion.judge(losses, held, challenger)
            why = "; ".join(filter(None, [why, verdict.why]))
            if verdict.better:
                champion = challenger
        if champion != held:
            registry.unpin()
        if not registry.pinned:
            registry.point(CHAMPION, versions[champion])
    for name, version in versions.items():
        if name != champion:
            registry.point(CHALLENGER, version)
    ratios = {name: round(whole(losses, name), 4) for name in versions}
    return {"champion": champion, "why": why, "qlike_ratio": ratios, "pinned": registry.pinned}
