"""Keeping what one source knows of a message beyond the schema of all of them."""

from __future__ import annotations

import msgspec

from tgvault.archive.segments import Stored
from tgvault.model.records import BEYOND

__all__ = ["keep_beyond"]

_MARK = b',"%b":' % BEYOND.encode()
_FILES = BEYOND + "/"


class _Beyond(msgspec.Struct):
    api: msgspec.Raw = msgspec.Raw()


class _Raw(msgspec.Struct):
    raw: msgspec.Raw = msgspec.Raw()
    layer: msgspec.Raw = msgspec.Raw()


_RAW = msgspec.json.Decoder(_Raw)
_BEYOND = msgspec.json.Decoder(_Beyond)
assert _Beyond.__struct_fields__ == (BEYOND,)


def keep_beyond(newer: Stored, older: Stored) -> Stored:
    """Give the newer observation of an unedited message with what only the older one knows beyond the schema.

    An export of Telegram Desktop has no place for ids of files or for views; that it lacks them says nothing. What an
    observation knows itself goes before what an older one knew; only the message as Telegram sent it is kept where the
    newer one was told to leave it out.
    """
    if _MARK not in older.body:
        return newer
    known, own = _beyond(older.body), _beyond(newer.body)
    if own is not None and known is not None:
        return _with_raw(newer, own, known)
    if known is None or not newer.body.startswith(b"{") or not newer.body.endswith(b"}"):
        return newer
    media = {field: each for field, each in older.media.items() if field.startswith(_FILES)}
    body = newer.body[:-1] + _MARK + known + b"}"
    return Stored(newer.id, body, newer.media | media)


def _with_raw(newer: Stored, own: bytes, known: bytes) -> Stored:
    has, had = _RAW.decode(own), _RAW.decode(known)
    if has.raw or not (had.raw and had.layer) or not newer.body.endswith(own + b"}"):
        return newer
    comma = b"" if own == b"{}" else b","
    added = b'%b"raw":%b,"layer":%b}}' % (comma, bytes(had.raw), bytes(had.layer))
    return Stored(newer.id, newer.body[:-2] + added, newer.media)


def _beyond(body: bytes) -> bytes | None:
    if _MARK not in body:
        return None
    try:
        found = bytes(_BEYOND.decode(body).api)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if found.startswith(b"{") else None
