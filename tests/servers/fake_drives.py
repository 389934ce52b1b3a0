"""Google Drive, OneDrive, Dropbox and Backblaze B2 as far as tgvault uses them, from their documents, in memory."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from email import message_from_bytes
from urllib.parse import quote, unquote

from servers.stub import Answer, Asked

__all__ = ["FakeBackblaze", "FakeDropbox", "FakeGoogleDrive", "FakeOneDrive"]

_STAMP = "2026-11-23T10:00:00Z"
_FOLDER = "application/vnd.google-apps.folder"
_PAGE = 500


class FakeGoogleDrive:
    """Files with ids, of which several may have one name in one folder; the newest is named first."""

    host = "www.googleapis.com"

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str, bytes | None]] = {}
        self._next = 0

    def add(self, name: str, parent: str, data: bytes | None) -> str:
        """Make a file, or a folder, whether there is one of the name or not; gives its id."""
        self._next += 1
        self.files[f"id{self._next}"] = (name, parent, data)
        return f"id{self._next}"

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != "Bearer right":
            return _json({"error": {"code": 401, "message": "Invalid Credentials"}}, 401)
        last = asked.path.rpartition("/")[2]
        if asked.path.startswith("/upload/"):
            return self._upload(asked, last)
        if asked.path == "/drive/v3/files":
            return self._made(json.loads(asked.body)) if asked.method == "POST" else self._found(asked)
        if last not in self.files:
            return _json({"error": {"code": 404, "message": "File not found"}}, 404)
        if asked.method == "PATCH":
            assert json.loads(asked.body) == {"trashed": True}
            del self.files[last]
            return _json({})
        if asked.query.get("alt") == "media":
            return _part(self.files[last][2] or b"", asked)
        return _json(self._resource(last))

    def _upload(self, asked: Asked, last: str) -> Answer:
        if asked.method == "PATCH":
            name, parent, _ = self.files.pop(last)
            self.files[last] = (name, parent, asked.body)
            return _json(self._resource(last))
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        about, content = message_from_bytes(head + asked.body).get_payload()
        told = json.loads(about.get_payload(decode=True))
        # A part ends before the line break in front of the border; the parser of mails takes more than that.
        border = asked.headers["content-type"].partition("boundary=")[2].encode()
        data = asked.body.split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n--" + border + b"--\r\n")
        assert content.get_content_type() == "application/octet-stream"
        return _json(self._resource(self.add(told["name"], told["parents"][0], data)))

    def _made(self, told: dict[str, object]) -> Answer:
        assert told["mimeType"] == _FOLDER
        return _json(self._resource(self.add(str(told["name"]), told["parents"][0], None)))  # type: ignore[index]

    def _found(self, asked: Asked) -> Answer:
        question = asked.query["q"]
        parent = re.search(r"'([^']*)' in parents", question)
        name = re.search(r"name = '([^']*)'", question)
        ids = [
            each
            for each, (own, above, data) in reversed(self.files.items())
            if parent and above == parent[1] and (name is None or own == name[1])
            if _FOLDER not in question or data is None
        ]
        at = int(asked.query.get("pageToken", "0"))
        page: dict[str, object] = {"files": [self._resource(each) for each in ids[at : at + _PAGE]]}
        return _json({**page, "nextPageToken": str(at + _PAGE)} if at + _PAGE < len(ids) else page)

    def _resource(self, id: str) -> dict[str, object]:  # noqa: A002 - Google's name
        name, parent, data = self.files[id]
        kind = {"mimeType": _FOLDER} if data is None else {"mimeType": "a/b", "size": str(len(data))}
        return {"id": id, "name": name, "parents": [parent], "modifiedTime": _STAMP, **kind}


class FakeDropbox:
    """Files by their paths, in which upper and lower case are the same."""

    host = "api.dropboxapi.com"
    other_host = "content.dropboxapi.com"

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes | None]] = {}
        self._pages: dict[str, list[dict[str, object]]] = {}

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != "Bearer right":
            return _json({"error_summary": "invalid_access_token/.", "error": {".tag": "invalid_access_token"}}, 401)
        told = json.loads(asked.headers.get("dropbox-api-arg") or asked.body)
        method = asked.path.removeprefix("/2/files/").replace("/", "_")
        return getattr(self, f"_{method}")(told, asked)  # type: ignore[no-any-return]

    def _upload(self, told: dict[str, object], asked: Asked) -> Answer:
        assert told["mode"] == "overwrite"
        path = str(told["path"])
        for at, sign in enumerate(path):
            if sign == "/" and at:
                self.files.setdefault(path[:at].lower(), (path[:at], None))
        self.files[path.lower()] = (path, asked.body)
        return _json(self._entry(path))

    def _download(self, told: dict[str, object], asked: Asked) -> Answer:
        _, data = self.files.get(str(told["path"]).lower(), ("", None))
        return _part(data, asked) if data is not None else self._missing("path")

    def _get_metadata(self, told: dict[str, object], asked: Asked) -> Answer:
        path = str(told["path"])
        return _json(self._entry(path)) if path.lower() in self.files else self._missing("path")

    def _create_folder_v2(self, told: dict[str, object], asked: Asked) -> Answer:
        path = str(told["path"])
        self.files[path.lower()] = (path, None)
        return _json({"metadata": self._entry(path)})

    def _delete_v2(self, told: dict[str, object], asked: Asked) -> Answer:
        gone = str(told["path"]).lower()
        if gone not in self.files:
            return self._missing("path_lookup")
        entry = self._entry(gone)
        self.files = {path: file for path, file in self.files.items() if not f"{path}/".startswith(f"{gone}/")}
        return _json({"metadata": entry})

    def _list_folder(self, told: dict[str, object], asked: Asked) -> Answer:
        folder = str(told["path"]).lower()
        if folder and folder not in self.files:
            return self._missing("path")
        assert not told["recursive"]
        cursor = f"c{len(self._pages)}"
        self._pages[cursor] = [self._entry(path) for path in self.files if path.rpartition("/")[0] == folder]
        return self._page(cursor)

    def _list_folder_continue(self, told: dict[str, object], asked: Asked) -> Answer:
        return self._page(str(told["cursor"]))

    def _page(self, cursor: str) -> Answer:
        entries, self._pages[cursor] = self._pages[cursor][:_PAGE], self._pages[cursor][_PAGE:]
        return _json({"entries": entries, "cursor": cursor, "has_more": bool(self._pages[cursor])})

    def _entry(self, path: str) -> dict[str, object]:
        shown, data = self.files[path.lower()]
        told = {"name": shown.rpartition("/")[2], "path_display": shown, "path_lower": shown.lower(), "id": "id:1"}
        if data is None:
            return {".tag": "folder", **told}
        return {".tag": "file", **told, "size": len(data), "client_modified": _STAMP, "server_modified": _STAMP}

    def _missing(self, what: str) -> Answer:
        return _json({"error_summary": f"{what}/not_found/..", "error": {".tag": what}}, 409)


class FakeOneDrive:
    """Items by their paths; `business` tells where an item lies as OneDrive for work and school does."""

    host = "graph.microsoft.com"
    root = "/v1.0/me/drive/root:"

    def __init__(self, *, business: bool = False) -> None:
        self.items: dict[str, bytes | None] = {}
        self._above = "/drives/b!x/root:" if business else "/drive/root:"
        self._sessions: dict[str, tuple[str, bytes]] = {}

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.startswith("/session/"):
            return self._fragment(asked)
        if asked.headers.get("authorization") != "Bearer right":
            return _json({"error": {"code": "InvalidAuthenticationToken", "message": "Bearer right"}}, 401)
        path, _, what = asked.path.removeprefix(self.root).partition(":/")
        if asked.method == "PUT":
            assert what == "content"
            assert len(asked.body) <= 250_000_000
            return self._stored(path, asked.body)
        if asked.method == "POST":
            assert what == "createUploadSession"
            self._sessions[f"s{len(self._sessions)}"] = (path, b"")
            return _json(
                {"uploadUrl": f"https://{self.host}/session/s{len(self._sessions) - 1}", "expirationDateTime": _STAMP}
            )
        if path not in self.items:
            return _json({"error": {"code": "itemNotFound", "message": "Item not found"}}, 404)
        return self._read(asked, path, what)

    def _read(self, asked: Asked, path: str, what: str) -> Answer:
        if asked.method == "DELETE":
            self.items = {each: data for each, data in self.items.items() if not f"{each}/".startswith(f"{path}/")}
            return Answer(204)
        if what == "content":
            data = self.items[path]
            return _part(data, asked) if data is not None else _json({"error": {"code": "itemNotFound"}}, 404)
        if what == "children":
            return self._children(asked, path)
        assert not what
        return _json(self._item(path))

    def _children(self, asked: Asked, path: str) -> Answer:
        below = [each for each in self.items if each.rpartition("/")[0] == path]
        at = int(asked.query.get("$skiptoken", "0"))
        page: dict[str, object] = {"value": [self._item(each) for each in below[at : at + _PAGE]]}
        if at + _PAGE < len(below):
            page["@odata.nextLink"] = f"https://{self.host}{quote(asked.path)}?$skiptoken={at + _PAGE}"
        return _json(page)

    def _stored(self, path: str, data: bytes) -> Answer:
        for at, sign in enumerate(path):
            if sign == "/" and at:
                self.items.setdefault(path[:at], None)
        self.items[path] = data
        return _json(self._item(path), 201)

    def _fragment(self, asked: Asked) -> Answer:
        assert "authorization" not in asked.headers
        session = asked.path.rpartition("/")[2]
        path, before = self._sessions[session]
        first, last, total = map(int, re.findall(r"\d+", asked.headers["content-range"]))
        assert (first, last + 1 - first) == (len(before), len(asked.body))
        self._sessions[session] = (path, before + asked.body)
        if last + 1 == total:
            return self._stored(path, before + asked.body)
        return _json({"expirationDateTime": _STAMP, "nextExpectedRanges": [f"{last + 1}-"]}, 202)

    def _item(self, path: str) -> dict[str, object]:
        above, _, name = path.rpartition("/")
        data = self.items[path]
        kind = {"folder": {"childCount": 1}} if data is None else {"file": {"mimeType": "a/b"}}
        place = {"path": quote(self._above + above, safe="/:!"), "driveId": "d", "id": "p", "driveType": "personal"}
        told = {"id": "1", "name": name, "eTag": "e", "lastModifiedDateTime": _STAMP, "size": len(data or b"")}
        return {**told, "parentReference": place, **kind}


class FakeBackblaze:
    """One bucket of an account with one application key."""

    host = "api.backblazeb2.com"

    def __init__(self, bucket: str, bucket_id: str) -> None:
        self.bucket = bucket
        self.bucket_id = bucket_id
        self.files: dict[str, bytes] = {}

    def __call__(self, asked: Asked) -> Answer:
        method = asked.path.rpartition("/")[2]
        if method == "b2_authorize_account":
            right = "Basic " + b64encode(b"key-id:right").decode()
            if asked.headers["authorization"] != right:
                return _json({"status": 401, "code": "unauthorized", "message": "key-id:right"}, 401)
            where = f"https://{self.host}"
            return _json({"accountId": "a", "authorizationToken": "t", "apiUrl": where, "downloadUrl": where})
        if asked.path == "/upload":
            assert asked.headers["authorization"] == "u"
            name = unquote(asked.headers["x-bz-file-name"])
            self.files[name] = asked.body
            return _json(self._file(name))
        assert asked.headers["authorization"] == "t"
        if asked.path.startswith("/file/"):
            return self._download(asked, asked.path.removeprefix(f"/file/{self.bucket}/"))
        told = {**asked.query, **(json.loads(asked.body) if asked.body else {})}
        if told["bucketId"] != self.bucket_id:
            return _json({"status": 400, "code": "bad_bucket_id", "message": "no"}, 400)
        return getattr(self, f"_{method}")(told)  # type: ignore[no-any-return]

    def _download(self, asked: Asked, name: str) -> Answer:
        missing = _json({"status": 404, "code": "not_found", "message": "no"}, 404)
        return _part(self.files[name], asked) if name in self.files else missing

    def _b2_get_upload_url(self, told: dict[str, str]) -> Answer:
        return _json(
            {"bucketId": self.bucket_id, "uploadUrl": f"https://{self.host}/upload", "authorizationToken": "u"}
        )

    def _b2_list_file_names(self, told: dict[str, str]) -> Answer:
        names = sorted(name for name in self.files if name.startswith(told.get("prefix", "")))
        names = [name for name in names if name >= told.get("startFileName", "")]
        following = names[_PAGE] if len(names) > _PAGE else None
        return _json({"files": [self._file(name) for name in names[:_PAGE]], "nextFileName": following})

    def _b2_hide_file(self, told: dict[str, str]) -> Answer:
        if told["fileName"] not in self.files:
            return _json({"status": 400, "code": "no_such_file", "message": "no"}, 400)
        file = self._file(told["fileName"])
        del self.files[told["fileName"]]
        return _json(file)

    def _file(self, name: str) -> dict[str, object]:
        told = {"fileName": name, "contentLength": len(self.files[name]), "action": "upload", "fileId": "1"}
        return {**told, "contentSha1": "x", "contentType": "a/b", "uploadTimestamp": 1, "fileInfo": {}}


def _part(data: bytes, asked: Asked) -> Answer:
    """Answer with the data, or from some byte on as the header `Range` says."""
    asked_for = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
    if not asked_for:
        return Answer(body=data)
    first = int(asked_for[1])
    if first >= len(data):
        return Answer(416, headers={"Content-Range": f"bytes */{len(data)}"})
    return Answer(206, data[first:], {"Content-Range": f"bytes {first}-{len(data) - 1}/{len(data)}"})


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())
