"""Paths of a chat's own files inside message bodies, written so that a renumbered folder changes no message.

A Telegram Desktop export keeps a chat's files in `chats/chat_07/`, and the number is another one in the next export.
Bodies therefore say `{chat}/photos/a.jpg`. Both directions work on the bytes of JSON without white space, where the
three bytes `":"` with an opening quote at their end stand between a key and its value and nowhere else: inside a
string every quote is escaped.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["PATH_KEYS", "fold", "fold_path", "unfold", "unfold_path"]

#: Keys of a message, at any depth, whose value is a path or says why there is no file.
PATH_KEYS = ("photo", "file", "thumbnail", "contact_vcard", "document_id", "poster_photo", "author_photo")

_MARK = b"{chat}"
_VALUE = b'":"'
_PATH = re.compile(rb'"(?:%b)":"(?!\{chat\})(?=[^"/(\\][^"]*/)' % b"|".join(key.encode() for key in PATH_KEYS))


def fold(body: bytes, *, folder: str) -> bytes:
    """Write `{chat}/` for the chat's folder at the start of every path.

    `folder` ends in a slash; it is empty when the export holds one chat, whose files then lie beside `result.json`.
    A value that says `{chat}` itself gets it twice. `unfold` gives back exactly the same bytes.
    """
    if _VALUE + _MARK in body:
        body = body.replace(_VALUE + _MARK, _VALUE + _MARK + _MARK)
    if folder:
        for old, new in _pairs(folder):
            body = body.replace(old, new)
        return body
    return _PATH.sub(_marked, body)


def unfold(body: bytes, *, folder: str) -> bytes:
    """Put a folder in the place of `{chat}/`: of the same folder, what `fold` was given."""
    if _VALUE + _MARK not in body:
        return body
    into = _VALUE + _escaped(folder)
    pieces = body.split(_VALUE + _MARK)
    out = [pieces[0]]
    for piece in pieces[1:]:
        if piece.startswith(b"/"):
            out += (into, piece[1:])
        else:
            out += (_VALUE, piece)
    return b"".join(out)


def fold_path(path: str, *, folder: str) -> str:
    """Give one path of the source as `fold` writes it into a body."""
    if path.startswith("{chat}"):
        return "{chat}" + path
    if folder:
        return "{chat}/" + path[len(folder) :] if path.startswith(folder) else path
    return "{chat}/" + path if "/" in path and path[0] not in "/(\\" else path


def unfold_path(path: str, *, folder: str) -> str:
    """Give one path of a body with the folder in the place of `{chat}/`."""
    if path.startswith("{chat}/"):
        return folder + path[len("{chat}/") :]
    return path.removeprefix("{chat}")


@lru_cache(maxsize=64)
def _pairs(folder: str) -> tuple[tuple[bytes, bytes], ...]:
    keys = [b'"%b":"' % key.encode() for key in PATH_KEYS]
    return tuple((key + _escaped(folder), key + _MARK + b"/") for key in keys)


def _escaped(folder: str) -> bytes:
    return folder.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _marked(found: re.Match[bytes]) -> bytes:
    return found[0] + _MARK + b"/"
