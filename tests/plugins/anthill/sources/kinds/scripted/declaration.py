"""What a dataset of the script declares: the name of its script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anthill.dataset import Dataset, Lists, Problem


class ScriptedDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dataset that comes in batches."""

    script: str

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """A script has a name."""
        if not self.script:
            yield ".script", "is empty, allowed is the name of a script"


DATASET = ScriptedDataset
