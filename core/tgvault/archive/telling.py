"""Messages as a restore gives them: in Telegram Desktop's schema, with what the archive knows besides in one key."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tgvault.archive.entries import Gone, Past
from tgvault.archive.segments import Content, Media, Stored
from tgvault.model.paths import unfold, unfold_path

__all__ = ["OWN_KEY", "Placing", "tell", "tell_gone"]

#: The one key that a restore adds to a message, for what no export has: `gone`, `earlier`, `filled`.
OWN_KEY = "tgvault"

#: Takes a path and a content, has the file written, and gives the path that it got; None where it got none.
Placing = Callable[[str, Content], str | None]


class _Earlier(msgspec.Struct, frozen=True):
    seen: str
    body: msgspec.Raw


class _Own(msgspec.Struct, frozen=True, omit_defaults=True):
    gone: Gone | None = None
    earlier: list[_Earlier] = []
    filled: list[str] = []


def tell(stored: Stored, past: Past | None, *, folder: str, place: Placing) -> bytes:
    """Give a message that is there, with its earlier texts; its files are placed below `folder`."""
    body = _placed(stored.body, stored.media, folder=folder, place=place)
    filled = [field for field, media in stored.media.items() if media.filled]
    versions = past.versions if past is not None else ()
    earlier = [
        _Earlier(version.seen, msgspec.Raw(_placed(bytes(version.body), version.media, folder=folder, place=place)))
        for version in versions
    ]
    return _with_own(body, _Own(past.gone if past else None, earlier, filled))


def tell_gone(past: Past, *, folder: str, place: Placing) -> bytes:
    """Give a message that is gone: its last text, marked, and the earlier ones."""
    *before, last = past.versions
    stored = Stored(past.id, bytes(last.body), last.media)
    return tell(stored, Past(past.id, past.gone, tuple(before)), folder=folder, place=place)


def _placed(body: bytes, media: dict[str, Media], *, folder: str, place: Placing) -> bytes:
    body = unfold(body, folder=folder)
    for field, each in media.items():
        content, path = each.content, each.path
        if content is None or path is None:
            continue
        wanted = unfold_path(path, folder=folder)
        got = place(wanted, content)
        if got is not None and each.filled:
            body = _put(body, field, got)
        elif got is not None and got != wanted:
            body = body.replace(b":" + _string(wanted), b":" + _string(got))
    return body


def _put(body: bytes, field: str, value: str) -> bytes:
    """Give a field of the body another value; everything else keeps its bytes and its order."""
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    if field not in fields:
        return body
    name = _string(field) + b":"
    return body.replace(name + bytes(fields[field]), name + _string(value), 1)


def _with_own(body: bytes, own: _Own) -> bytes:
    if own == _Own():
        return body
    comma = b"," if len(body) > 2 else b""
    return body[:-1] + comma + _string(OWN_KEY) + b":" + msgspec.json.encode(own) + b"}"


def _string(text: str) -> bytes:
    return msgspec.json.encode(text)
