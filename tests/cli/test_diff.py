"""Differences in words."""

from __future__ import annotations

from cli.support import a_snapshot, in_words
from tgvault.cli.diff import USUAL, _in_words
from tgvault.engine.browsing import ChatInfo
from tgvault.engine.diff import ChatChanges, Diff, DiffNumbers, DocumentChange, DocumentChangeKind
from tgvault.model.records import ChatKind


def chat(title: str, *, before: str | None = None, first: bool = True, second: bool = True) -> ChatChanges:
    info = ChatInfo(key="user:5", kind=ChatKind.USER, id=5, type=None, title=title, username=None, messages=1, gone=0)
    return ChatChanges(
        chat=info, in_first=first, in_second=second, title_before=before, numbers=DiffNumbers(), messages=[]
    )


def test_chats_and_documents_that_came_went_or_were_renamed_are_told() -> None:
    chats = [chat("Ben\x07", before="Benno"), chat("Anna", first=False), chat("Club", second=False)]
    document = DocumentChange(name="contacts", kind=DocumentChangeKind.CHANGED)
    said = Diff(first=a_snapshot(), second=a_snapshot(), numbers=DiffNumbers(), chats=chats, documents=[document])

    out, err = in_words(lambda value, output: _in_words(value, output, USUAL), said)

    assert err == ""
    assert [line for line in out.splitlines()[1:] if line] == [
        "messages: none",
        "contacts: changed",
        "Ben\\x07 (was Benno): none",
        "Anna, a new chat: none",
        "Club, not in the second: none",
    ]
