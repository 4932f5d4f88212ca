"""Errors in the words of S3."""

from xml.etree import ElementTree as ET

HTTP_STATUS = {
    "InvalidArgument": 400, "AccessDenied": 403, "SignatureDoesNotMatch": 403, "NoSuchKey": 404,
    "PreconditionFailed": 412, "InvalidRange": 416,
}  # fmt: skip


class RefusalError(Exception):
    """An answer that is an error, by its code in S3."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self._code, self._message = HTTP_STATUS[code], code, message

    def body(self, resource: str, request_id: str) -> bytes:
        """The XML that tells of it."""
        root = ET.Element("Error")
        facts = {"Code": self._code, "Message": self._message, "Resource": resource, "RequestId": request_id}
        for name, value in facts.items():
            ET.SubElement(root, name).text = value
        whole: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
        return whole
