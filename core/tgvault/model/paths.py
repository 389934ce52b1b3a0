"""Paths in bodies: `{chat}/` stands for the folder in which a source keeps a chat's files.

Telegram Desktop numbers the folders of chats anew in every export; a body that named them would change each time.
"""

from __future__ import annotations

__all__ = ["CHAT", "fold_path", "unfold_bodies", "unfold_path"]

#: What stands for the chat's folder at the start of a path.
CHAT = "{chat}"


def fold_path(path: str, folder: str) -> str:
    """Write a path of the source as it stands in a body; `folder` ends in a slash, or is empty for the root.

    A path that itself starts with `{chat}` gets it twice, so that `unfold_path` is exact.
    """
    if path.startswith(folder):
        return f"{CHAT}/{path[len(folder) :]}"
    return CHAT + path if path.startswith(CHAT) else path


def unfold_path(path: str, folder: str) -> str:
    """Undo `fold_path`, with that folder or another."""
    if path.startswith(CHAT + "/"):
        return folder + path[len(CHAT) + 1 :]
    return path[len(CHAT) :] if path.startswith(CHAT + CHAT) else path


def unfold_bodies(bodies: bytes, folder: bytes) -> bytes:
    """Undo `fold_path` in every string value of JSON without white space.

    `":"` can only stand between a key and a value there: inside a string a quote has a backslash in front of it. The
    folder is given as it stands in JSON.
    """
    if b'":"{chat}' not in bodies:
        return bodies
    return bodies.replace(b'":"{chat}/', b'":"' + folder).replace(b'":"{chat}{chat}', b'":"{chat}')
