"""Finding the folder in which an export keeps a chat's files."""

from __future__ import annotations

import re

from tgvault_plugins.desktop_export.known import PATH_FIELDS
from tgvault_plugins.desktop_export.parts import Run
from tgvault_plugins.desktop_export.view import View

__all__ = ["folder_of"]

#: `chats/chat_07/` of a whole account, `chats/chat_562951187989202/topic_2/` of a topic.
_FOLDER = re.compile(rb'"(chats/chat_([^"/\\]{1,64})/(?:topic_[^"/\\]{1,64}/)?)')
_KEY = re.compile(rb'"(?:%b)"\s{0,4}:\s{0,4}\Z' % b"|".join(key.encode() for key in (*PATH_FIELDS, "document_id")))
_START = b'"chats/chat_'
#: Texts that look like a path before the search for one is given up.
_TRIES = 1000


def folder_of(view: View, run: Run | None, *, number: int, section: str) -> str:
    """The folder that the chat's paths lie in, with a slash at its end; empty when they lie beside `result.json`.

    The first path of a chat may lie in another chat's folder, since a file sent twice is stored once. So the folder
    that the chat's place in the file calls for is preferred when any path lies in it.
    """
    found = _first(view, run) if run else None
    if run is None or found is None:
        return ""
    written = found[2].decode(errors="replace")
    expected = f"chats/chat_{number:0{len(written)}d}/"
    if section and written != expected and view.find(b'"' + expected.encode(), run.start, run.stop) >= 0:
        return expected
    return found[1].decode(errors="replace")


def _first(view: View, run: Run) -> re.Match[bytes] | None:
    at = run.start - 1
    for _ in range(_TRIES):
        at = view.find(_START, at + 1, run.stop)
        if at < 0:
            return None
        before = max(at - 64, run.start)
        if _KEY.search(view.take(before, at)) and (found := view.match(_FOLDER, at, 256)):
            return found
    return None
