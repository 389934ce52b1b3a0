"""Messages as a restore gives them: in Telegram Desktop's schema, with what the archive knows besides in one key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tgvault.archive.entries import Gone, Past
from tgvault.archive.rewriting import put_text, take_member
from tgvault.archive.segments import Content, Media, Stored
from tgvault.errors import CorruptObjectError
from tgvault.model.paths import unfold, unfold_path

__all__ = ["OWN_KEY", "Placing", "place_all", "tell", "tell_gone"]

#: The one key that a restore adds to a message, for what no export has: `gone`, `earlier`, `filled`. Where the body has
#: such a key, because it came from an earlier restore, its value goes on as `imported`.
OWN_KEY = "tgvault"

_OWN = f'"{OWN_KEY}"'.encode()

#: Takes a path and a content, has the file written, and gives the path that it got; None where it got none.
Placing = Callable[[str, Content], str | None]


class _Earlier(msgspec.Struct, frozen=True):
    seen: str
    body: msgspec.Raw


class _Own(msgspec.Struct, frozen=True, omit_defaults=True):
    gone: Gone | None = None
    earlier: list[_Earlier] = []
    filled: list[str] = []
    imported: msgspec.Raw | None = None


def tell(stored: Stored, past: Past | None, *, folder: str, place: Placing) -> bytes:
    """Give a message that is there, with its earlier texts; its files are placed below `folder`."""
    body = place_all(unfold(stored.body, folder=folder), stored.media, folder=folder, place=place)
    filled = [field for field, media in stored.media.items() if media.filled]
    versions = past.versions if past is not None else ()
    earlier = []
    for version in versions:
        before = unfold(bytes(version.body), folder=folder)
        earlier.append(
            _Earlier(version.seen, msgspec.Raw(place_all(before, version.media, folder=folder, place=place)))
        )
    return _with_own(body, _Own(past.gone if past else None, earlier, filled))


def tell_gone(past: Past, *, folder: str, place: Placing) -> bytes:
    """Give a message that is gone: its last text, marked, and the earlier ones.

    Raises:
        CorruptObjectError: the history has no text of it.
    """
    if not past.versions:
        raise CorruptObjectError(f"message {past.id} is marked gone and no text of it is kept")
    *before, last = past.versions
    stored = Stored(past.id, bytes(last.body), last.media)
    return tell(stored, Past(past.id, past.gone, tuple(before)), folder=folder, place=place)


def place_all(body: bytes, media: Mapping[str, Media], *, folder: str | None, place: Placing) -> bytes:
    """Have all files placed that a body speaks of, and give the body with the paths that they got.

    `folder` stands for `{chat}/` in paths; it is None for a document, whose paths are those of the source.
    """
    for field, each in media.items():
        content, path = each.content, each.path
        if content is None or path is None:
            continue
        wanted = path if folder is None else unfold_path(path, folder=folder)
        got = place(wanted, content)
        if got is not None and (each.filled or got != wanted):
            body = put_text(body, field, got)
    return body


def _with_own(body: bytes, own: _Own) -> bytes:
    if own == _Own():
        return body
    if _OWN in body:
        body, imported = take_member(body, OWN_KEY)
        own = msgspec.structs.replace(own, imported=msgspec.Raw(imported) if imported is not None else None)
    comma = b"," if len(body) > 2 else b""
    return body[:-1] + comma + _OWN + b":" + msgspec.json.encode(own) + b"}"
