"""One page of the list of a bucket (ListObjectsV2)."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree as ET

from local.polygon.flat_files.files import FlatFiles
from local.polygon.flat_files.refusals import RefusalError

MOST = 1000
PAGE = 50
"""Files on a page at most, however many are asked for: each is made to tell its size."""

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_BEYOND = "\U0010ffff"  # after every key that begins alike


@dataclass(frozen=True)
class Found:
    """What a page holds: files, folders up to the delimiter, and where the next page goes on."""

    keys: list[str]
    folders: list[str]
    rest: str | None


def list_page(files: FlatFiles, bucket: str, query: Mapping[str, str]) -> bytes:
    """The XML of the page that a query asks for."""
    most = query.get("max-keys", str(MOST))
    if not most.isdecimal():
        raise RefusalError("InvalidArgument", "Provided max-keys not an integer or within integer range")
    prefix, delimiter, token = query.get("prefix", ""), query.get("delimiter", ""), query.get("continuation-token")
    after = _decode(token) if token else query.get("start-after", "")
    found = _find(files, prefix, delimiter, after, min(int(most), MOST))
    write = quote if query.get("encoding-type") == "url" else str
    root = ET.Element("ListBucketResult", xmlns=_NAMESPACE)
    facts = {"Name": bucket, "Prefix": write(prefix), "KeyCount": str(len(found.keys) + len(found.folders))}
    facts |= {"MaxKeys": most, "IsTruncated": "true" if found.rest else "false"}
    optional = {"Delimiter": write(delimiter), "ContinuationToken": token, "EncodingType": query.get("encoding-type")}
    optional["NextContinuationToken"] = _encode(found.rest) if found.rest else None
    optional["StartAfter"] = write(query.get("start-after", ""))
    _write(root, facts | {name: value for name, value in optional.items() if value})
    for key in found.keys:
        file = files.find(key)
        if file is None:
            continue
        tag, size = files.tag_and_size(file)
        moment = f"{file.modified.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        about = {"Key": write(key), "LastModified": moment, "ETag": f'"{tag}"', "Size": str(size)}
        _write(ET.SubElement(root, "Contents"), about | {"StorageClass": "STANDARD"})
    for folder in found.folders:
        _write(ET.SubElement(root, "CommonPrefixes"), {"Prefix": write(folder)})
    whole: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return whole


def _find(files: FlatFiles, prefix: str, delimiter: str, after: str, most: int) -> Found:
    """The first keys and folders after a place, as many as a page holds."""
    found = Found([], [], None)
    last = after
    for key in files.keys(prefix, after):
        if found.folders and key.startswith(found.folders[-1]):
            continue
        if len(found.keys) == PAGE or len(found.keys) + len(found.folders) >= most:
            return Found(found.keys, found.folders, last if most else None)
        folder, delimited, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        if delimited:
            found.folders.append(f"{prefix}{folder}{delimiter}")
            last = found.folders[-1] + _BEYOND
        else:
            found.keys.append(key)
            last = key
    return found


def _write(element: ET.Element, facts: Mapping[str, str | None]) -> None:
    for name, value in facts.items():
        ET.SubElement(element, name).text = value


def _encode(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token, b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise RefusalError("InvalidArgument", "The continuation token provided is incorrect") from error
