"""What is wrong with a file that somebody dropped: whoever did has to mend it."""

from __future__ import annotations

from anthill.sources.errors import FatalError


class RefusedFileError(FatalError):
    """Nothing of the file can be taken."""

    advice = "Mend the file and drop it again under the same name"
