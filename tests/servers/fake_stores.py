"""Google Cloud Storage and Azure Blob Storage as far as tgvault uses them, from their documents, kept in memory."""

from __future__ import annotations

import json
from email.utils import formatdate
from xml.sax.saxutils import escape

from servers.stub import Answer, Asked

__all__ = ["FakeAzure", "FakeGoogle"]

_PAGE = 1_000
_STAMP = "2026-11-23T10:00:00.000Z"


class FakeGoogle:
    """One bucket behind the JSON API."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.objects: dict[str, bytes] = {}

    def __call__(self, asked: Asked) -> Answer:
        below = f"/storage/v1/b/{self.bucket}/o"
        if asked.headers.get("authorization") != "Bearer right":
            return _google_error(401, "Invalid Credentials")
        if asked.path == f"/upload{below}" and asked.method == "POST":
            assert asked.query["uploadType"] == "media"
            self.objects[asked.query["name"]] = asked.body
            return _json(self._resource(asked.query["name"]))
        if asked.path == below:
            return self._list(asked)
        if not asked.path.startswith(f"{below}/"):
            return _google_error(404, "The specified bucket does not exist.")
        return self._object(asked, asked.path.removeprefix(f"{below}/"))

    def _object(self, asked: Asked, name: str) -> Answer:
        if name not in self.objects:
            return _google_error(404, f"No such object: {self.bucket}/{name}")
        if asked.method == "DELETE":
            del self.objects[name]
            return Answer(204)
        return Answer(body=self.objects[name]) if asked.query.get("alt") == "media" else _json(self._resource(name))

    def _list(self, asked: Asked) -> Answer:
        names = sorted(name for name in self.objects if name.startswith(asked.query.get("prefix", "")))
        at = int(asked.query.get("pageToken", "0"))
        page: dict[str, object] = {"items": [self._resource(name) for name in names[at : at + _PAGE]]}
        return _json({**page, "nextPageToken": str(at + _PAGE)} if at + _PAGE < len(names) else page)

    def _resource(self, name: str) -> dict[str, object]:
        size = str(len(self.objects[name]))
        return {
            "name": name,
            "bucket": self.bucket,
            "size": size,
            "updated": _STAMP,
            "etag": "e",
            "md5Hash": "",
            "contentType": "",
        }


class FakeAzure:
    """One container of an account; `signed` tells whether a request has the right signature."""

    def __init__(self, container: str) -> None:
        self.container = container
        self.blobs: dict[str, bytes] = {}

    def __call__(self, asked: Asked) -> Answer:
        if not asked.headers.get("authorization", "").startswith("SharedKey ") and asked.query.get("sig") != "right":
            return _azure_error(403, "AuthenticationFailed")
        if asked.query.get("comp") == "list":
            return self._list(asked) if asked.path == f"/{self.container}" else _azure_error(404, "ContainerNotFound")
        if not asked.path.startswith(f"/{self.container}/"):
            return _azure_error(404, "ContainerNotFound")
        return self._blob(asked, asked.path.removeprefix(f"/{self.container}/"))

    def _blob(self, asked: Asked, name: str) -> Answer:
        if asked.method == "PUT":
            assert asked.headers["x-ms-blob-type"] == "BlockBlob"
            self.blobs[name] = asked.body
            return Answer(201)
        if name not in self.blobs:
            return _azure_error(404, "BlobNotFound")
        if asked.method == "DELETE":
            del self.blobs[name]
            return Answer(202)
        return Answer(body=self.blobs[name], headers={"Last-Modified": formatdate(usegmt=True)})

    def _list(self, asked: Asked) -> Answer:
        names = sorted(name for name in self.blobs if name.startswith(asked.query.get("prefix", "")))
        at = int(asked.query.get("marker") or "0")
        blobs = "".join(map(self._listed, names[at : at + _PAGE]))
        marker = str(at + _PAGE) if at + _PAGE < len(names) else ""
        text = f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
        return Answer(body=f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode())

    def _listed(self, name: str) -> str:
        properties = (
            f"<Last-Modified>{formatdate(usegmt=True)}</Last-Modified><Etag>e</Etag>"
            f"<Content-Length>{len(self.blobs[name])}</Content-Length><Content-Type>a/b</Content-Type>"
        )
        return f"<Blob><Name>{escape(name)}</Name><Properties>{properties}</Properties></Blob>"


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


def _google_error(status: int, message: str) -> Answer:
    return _json({"error": {"code": status, "message": message, "errors": []}}, status)


def _azure_error(status: int, code: str) -> Answer:
    text = f"<Error><Code>{code}</Code><Message>{code} with sig=right</Message></Error>"
    return Answer(status, f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode())
