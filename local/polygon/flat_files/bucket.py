"""The bucket of flat files over HTTP: S3's protocol in path style, HEAD, GET (ranges too) and ListObjectsV2."""

import datetime as dt
import email.utils
import hashlib
import itertools
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.polygon.answers.plans import Plan
from local.polygon.flat_files.files import FlatFiles
from local.polygon.flat_files.keys import FlatFileKey
from local.polygon.flat_files.listing import list_page
from local.polygon.flat_files.refusals import RefusalError
from local.polygon.flat_files.signatures import Signature

BUCKET = "flatfiles"
WITHOUT = ("basic",)
"""Plans without flat files."""


class Bucket:
    """The one bucket; its files are for who signs with a known key."""

    def __init__(self, files: FlatFiles, keys: dict[str, FlatFileKey]) -> None:
        self._files, self._keys, self._numbers = files, keys, itertools.count(1)

    def routes(self) -> list[Route]:
        """The bucket and everything in it."""
        return [Route(f"/{BUCKET}", self._answer), Route(f"/{BUCKET}/{{key:path}}", self._answer)]

    def _answer(self, request: Request) -> Response:
        request_id = hashlib.md5(f"s3 {next(self._numbers)}".encode(), usedforsecurity=False).hexdigest()[:16].upper()
        key = request.path_params.get("key", "")
        try:
            plan = self._admit(request)
            found = self._object(request, key, plan) if key else self._list(request)
        except RefusalError as refusal:
            body = refusal.body(request.url.path, request_id)
            found = Response(body, refusal.status, media_type="application/xml")
        found.headers["x-amz-request-id"] = request_id
        return found

    def _admit(self, request: Request) -> Plan:
        """The plan of the key that signed a request."""
        signature = Signature.read(request.headers.get("authorization", ""))
        if signature is None or (key := self._keys.get(signature.access_key)) is None or key.plan.name in WITHOUT:
            raise RefusalError("AccessDenied", "Access Denied")
        query = request.scope["query_string"].decode("latin-1")
        path = request.scope["raw_path"].decode("latin-1")
        url = f"{request.url.scheme}://{request.headers.get('host', '')}{path}{'?' + query if query else ''}"
        if not signature.fits(key.secret, request.method, url, request.headers):
            text = "The request signature we calculated does not match the signature you provided. Check your key"
            raise RefusalError("SignatureDoesNotMatch", f"{text} and signing method.")
        return key.plan

    def _list(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response()
        if request.query_params.get("list-type") != "2":
            raise RefusalError("InvalidArgument", "This bucket is only listed by ListObjectsV2 (list-type=2)")
        return Response(list_page(self._files, BUCKET, request.query_params), media_type="application/xml")

    def _object(self, request: Request, key: str, plan: Plan) -> Response:
        """A file, or the part of it that a request asks for."""
        file = self._files.find(key)
        if file is None:
            raise RefusalError("NoSuchKey", "The specified key does not exist.")
        if not self._files.reached(file, plan):
            raise RefusalError("AccessDenied", "Access Denied")
        body, tag = self._files.body(file), f'"{self._files.tag_and_size(file)[0]}"'
        modified = email.utils.format_datetime(file.modified.astimezone(dt.UTC), usegmt=True)
        headers = {"etag": tag, "last-modified": modified, "accept-ranges": "bytes"}
        if request.headers.get("if-match", tag) != tag:
            raise RefusalError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        first, stop = _part(request.headers.get("range", ""), len(body))
        if (first, stop) == (0, len(body)):
            return Response(body, headers=headers, media_type="application/gzip")
        headers["content-range"] = f"bytes {first}-{stop - 1}/{len(body)}"
        return Response(body[first:stop], 206, headers, "application/gzip")


def _part(header: str, size: int) -> tuple[int, int]:
    """The first byte and the one after the last that a Range header asks for; all if it asks for nothing it can."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header)
    if found is None or found[0] == "bytes=-":
        return 0, size
    first = int(found[1]) if found[1] else max(size - int(found[2]), 0)
    stop = min(int(found[2]) + 1, size) if found[1] and found[2] else size
    if first >= stop:
        raise RefusalError("InvalidRange", "The requested range is not satisfiable")
    return first, stop
