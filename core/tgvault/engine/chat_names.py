"""Finding the chat that a person means: by key, id, @name, or as much of its title as tells."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from tgvault.archive.entries import ChatEntry
from tgvault.archive.reading import ArchiveReader
from tgvault.errors import AmbiguousNameError, NotFoundError

__all__ = ["find_chat", "title_of"]

#: Candidates that an error lists at most.
_LISTED = 8

#: Titles of chats that have none in an export.
_TITLES = {
    "replies": "Replies",
    "saved_messages": "Saved Messages",
    "verification_codes": "Verification Codes",
}

_Test = Callable[[ChatEntry], bool]


def title_of(entry: ChatEntry) -> str:
    """Name a chat for people; a deleted account has no title, and is called by its key."""
    return entry.title or _TITLES.get(entry.type or "", entry.key)


def find_chat(reader: ArchiveReader, name: str) -> ChatEntry:
    """Find a chat of a snapshot.

    The first of these that any chat fits decides: the key (`user:5`), the bare id, `@name`, the title, the type
    (`saved_messages`), the title or name in any case, the beginning of the title, a part of it.

    Raises:
        NotFoundError: no chat answers to the name; the hint names similar ones.
        AmbiguousNameError: several do; the hint names them.
    """
    by_key = reader.chat(name)
    if by_key is not None:
        return by_key
    chats = list(reader.chats())
    for test in _tests(name):
        found = [entry for entry in chats if test(entry)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousNameError(f"{len(found)} chats answer to `{name}`", hint=f"name one: {_listed(found)}")
    raise NotFoundError(f"no chat answers to `{name}`", hint=_suggestion(name, chats))


def _tests(name: str) -> Iterator[_Test]:
    wanted = _plain(name)
    if name.isdecimal():
        yield lambda entry: str(entry.id) == name
    if name.startswith("@"):
        yield lambda entry: _username(entry) == wanted.removeprefix("@")
    if not wanted:
        return
    yield lambda entry: title_of(entry) == name
    yield lambda entry: entry.type == name
    yield lambda entry: wanted in {_plain(title_of(entry)), _username(entry)}
    yield lambda entry: _plain(title_of(entry)).startswith(wanted)
    yield lambda entry: wanted in _plain(title_of(entry))


def _plain(text: str) -> str:
    """Bring a text into the form in which two are compared that look alike."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _username(entry: ChatEntry) -> str | None:
    return _plain(entry.username).removeprefix("@") if entry.username else None


def _listed(found: Sequence[ChatEntry]) -> str:
    shown = ", ".join(_described(entry) for entry in found[:_LISTED])
    return shown if len(found) <= _LISTED else f"{shown} and {len(found) - _LISTED} more"


def _described(entry: ChatEntry) -> str:
    return f"`{entry.key}` ({title_of(entry)})"


def _suggestion(name: str, chats: Iterable[ChatEntry]) -> str:
    # Takes 10 ms to import and is needed only here.
    from difflib import get_close_matches

    names: dict[str, ChatEntry] = {}
    for entry in chats:
        for each in (_plain(title_of(entry)), _username(entry), str(entry.id), entry.key):
            if each:
                names.setdefault(each, entry)
    close = get_close_matches(_plain(name).removeprefix("@"), names, n=5, cutoff=0.6)
    meant = list({names[each].key: names[each] for each in close}.values())
    if not meant:
        return "`tgvault ls latest` lists the chats"
    return f"did you mean {' or '.join(_described(entry) for entry in meant[:3])}?"
