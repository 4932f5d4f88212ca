"""What a server of files, its zips and its tables can do wrong beside what every source can."""

from __future__ import annotations

from anthill.sources.errors import FatalError


class CertificateError(FatalError):
    """The server's certificate cannot be checked."""

    advice = (
        "Put the certificate that its chain lacks as PEM into include/certificates and name it in the dataset's "
        "'certificate': it is checked on purpose"
    )


class HostKeyError(FatalError):
    """The server shows another key than the one that it is known by, or it is known by none."""

    advice = (
        "Ask the publisher for the server's key, by another way than this server; where it is right, put it into the "
        "datasets' 'host_key' as type and base64. It is checked on purpose"
    )


class MovedError(FatalError):
    """The server says that the file is elsewhere."""

    advice = "Compare the new address with the publisher's page, then put it into the declaration"


class RefusedZipError(FatalError):
    """The zip, or what it says of a member, is nothing to take rows from."""

    advice = "Nothing was committed. Look at the zip by hand and tell its publisher"


class MissingMemberError(FatalError):
    """The zip has no such member."""

    advice = "Put the member's name into 'editions' in include/datasets"


class UnknownHeaderError(FatalError):
    """The table has none of the headers that are declared for its edition."""

    advice = "Declare the header in include/datasets once it is known what its columns mean. Nothing was committed"
