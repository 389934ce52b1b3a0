from __future__ import annotations

import pytest

from tgvault.archive.reading import ArchiveReader
from tgvault.engine.chat_names import find_chat, title_of
from tgvault.errors import AmbiguousNameError, NotFoundError
from tgvault.model.records import ChatKind
from vault_support import FakeChat, FakeSource, MemoryVault, said

ONE = [said(1, "a")]
CHATS = [
    FakeChat(ONE, id=5, title="Ben"),
    FakeChat(ONE, id=5, title="Tea & Biscuits", kind=ChatKind.CHANNEL, username="TeaTime"),
    FakeChat(ONE, id=6, title="Eve", kind=ChatKind.CHAT),
    FakeChat(ONE, id=7, title="eve"),
    FakeChat(ONE, id=8, title="Ёлка 🎄 дома"),
    FakeChat(ONE, id=9, title=None, type="saved_messages"),
    FakeChat(ONE, id=10, title=None),
    FakeChat(ONE, id=11, title="Twin"),
    FakeChat(ONE, id=12, title="Twin"),
    FakeChat(ONE, id=13, title="2024"),
    FakeChat(ONE, id=14, title="Biscuit recipes"),
    FakeChat(ONE, id=None, title="Paper", kind=ChatKind.WEAK, key="weak:1:Paper"),
]


@pytest.fixture(scope="module")
def reader() -> ArchiveReader:
    memory = MemoryVault()
    return memory.reader(memory.back_up(FakeSource(CHATS)))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("channel:5", "channel:5"),
        ("weak:1:Paper", "weak:1:Paper"),
        ("6", "chat:6"),
        ("@teatime", "channel:5"),
        ("teatime", "channel:5"),
        ("Ben", "user:5"),
        ("BEN", "user:5"),
        ("Eve", "chat:6"),
        ("eve", "user:7"),
        ("Saved Messages", "user:9"),
        ("saved_messages", "user:9"),
        ("ёлка 🎄  ДОМА", "user:8"),
        ("ёлк", "user:8"),
        ("recipes", "user:14"),
        ("biscuit", "user:14"),
        ("2024", "user:13"),
        ("user:10", "user:10"),
    ],
)
def test_a_chat_is_found(reader: ArchiveReader, name: str, key: str) -> None:
    assert find_chat(reader, name).key == key


@pytest.mark.parametrize(
    ("name", "keys"),
    [("5", {"user:5", "channel:5"}), ("Twin", {"user:11", "user:12"}), ("EVE", {"chat:6", "user:7"})],
)
def test_a_name_of_several_chats_is_ambiguous_and_lists_them(reader: ArchiveReader, name: str, keys: set[str]) -> None:
    with pytest.raises(AmbiguousNameError, match="2 chats") as caught:
        find_chat(reader, name)

    assert caught.value.hint is not None
    assert all(f"`{key}`" in caught.value.hint for key in keys)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Benn", "`user:5` (Ben)"), ("@teetime", "`channel:5`"), ("user:100", "`user:10`"), ("Twine", "`user:11`")],
)
def test_a_slip_gets_a_suggestion(reader: ArchiveReader, name: str, meant: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_chat(reader, name)

    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean")
    assert meant in caught.value.hint


@pytest.mark.parametrize("name", ["something else entirely", "", "  ", "@"])
def test_what_resembles_nothing_leads_to_the_list(reader: ArchiveReader, name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_chat(reader, name)

    assert caught.value.hint == "`tgvault ls latest` lists the chats"


def test_many_candidates_are_cut_short() -> None:
    memory = MemoryVault()
    crowd = [FakeChat(ONE, id=number, title="Crowd") for number in range(1, 21)]
    reader = memory.reader(memory.back_up(FakeSource(crowd)))

    with pytest.raises(AmbiguousNameError, match="20 chats") as caught:
        find_chat(reader, "Crowd")

    assert caught.value.hint is not None
    assert caught.value.hint.endswith("and 12 more")


def test_a_chat_without_a_title_is_called_by_its_type_or_key(reader: ArchiveReader) -> None:
    entries = {entry.key: title_of(entry) for entry in reader.chats()}

    assert (entries["user:9"], entries["user:10"]) == ("Saved Messages", "user:10")  # type: ignore[index]
