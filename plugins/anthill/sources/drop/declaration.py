"""What a table declares that people drop as CSV: the headers it may have, and how its text is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from anthill.dataset import Dataset, Lists, Problem
from anthill.sources.files import form


class DropDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table that comes as files of any number, each a part of the day on which its name came first."""

    headers: Mapping[str, tuple[str, ...]]  # by name: all columns in the file's order
    encoding: str = "UTF-8"
    delimiter: str = ","
    present_only: bool = True  # nobody can be asked for a file

    @property
    def file_fields(self) -> Mapping[str, str]:
        """What silver takes; a header has more."""
        return self.fields

    @property
    def comes_by_itself(self) -> bool:
        """People drop files when they have them."""
        return True

    @property
    def endpoint(self) -> str:
        """The folder of its files."""
        return f"input/{self.asset_class}/{self.name}/"

    def origin(self, market_date: dt.date, shard: str, *, as_file: bool) -> str:
        """The file."""
        return f"{self.endpoint}{shard}"

    def first_call(self, market_date: dt.date) -> str:
        """The folder."""
        return self.endpoint

    def asked(self) -> Iterator[tuple[str, str]]:
        """Where its files are put, and what their bytes are."""
        yield "dropped", f"under `{self.endpoint}`"
        yield "form", f"CSV, `{self.delimiter}`, {self.encoding}"

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """What is wrong about headers and form."""
        yield from form.of_headers(self.headers, self.fields)
        yield from form.of_text(self.encoding, self.delimiter)
        if self.personal:
            yield ".personal", "is true, and what is dropped lies in a bucket from which no erasure takes anything"
        if self.every:
            yield ".every", "has no meaning here: a file is taken when it is there"
        if not self.present_only:
            yield ".present_only", "is false, and nobody can be asked for a file"


DATASET = DropDataset
