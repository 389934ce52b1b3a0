"""What names a chat, in every era."""

from __future__ import annotations

import pytest

from samples.json.windows import Bytes
from tgvault.api import ChatKind
from tgvault_plugins.desktop_export.heads import Head
from tgvault_plugins.desktop_export.identity import Era, Namer, bare_id, era_of
from tgvault_plugins.desktop_export.view import View


def _head(kind: str | None, number: int | None, name: str | None = "A") -> Head:
    return Head(b"", b"", name, kind, number)


@pytest.mark.parametrize(
    ("text", "era"),
    [
        (b'"from_id": "user1"', Era.BARE),
        (b'"date_unixtime": "1"', Era.BARE),
        (b'"actor_id":"channel5"', Era.BARE),
        (b'"from_id": 4294967301', Era.SHIFTED),
        (b'"actor_id": 5', Era.SHIFTED),
        (b'"forwarded_from_id": 5', Era.BARE),
        (b"{}", Era.BARE),
    ],
)
def test_the_era_is_told_by_how_senders_are_written(text: bytes, era: Era) -> None:
    assert era_of(View(Bytes(text))) is era


@pytest.mark.parametrize(
    ("written", "era", "bare"),
    [
        ((1 << 32) + 5, Era.SHIFTED, 5),
        ((2 << 32) + 5, Era.SHIFTED, 5),
        (5, Era.SHIFTED, 5),
        (7000000002, Era.BARE, 7000000002),
        (2**70, Era.BARE, 2**70),
    ],
)
def test_bits_are_taken_off_ids_of_their_era_only(written: int, era: Era, bare: int) -> None:
    assert bare_id(written, era) == bare


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("saved_messages", "user:5"),
        ("replies", "user:5"),
        ("verification_codes", "user:5"),
        ("personal_chat", "user:5"),
        ("bot_chat", "user:5"),
        ("private_group", "chat:5"),
        ("private_supergroup", "channel:5"),
        ("public_supergroup", "channel:5"),
        ("private_channel", "channel:5"),
        ("public_channel", "channel:5"),
    ],
)
def test_the_type_tells_the_kind(kind: str, key: str) -> None:
    assert Namer(Era.BARE).name(_head(kind, 5), seen=b"").key == key


def test_chats_without_ids_are_counted_by_title() -> None:
    namer = Namer(Era.BARE)

    keys = [namer.name(_head("personal_chat", None, name), seen=b"").key for name in ("Ben", "Ana", "Ben", None)]

    assert keys == ["weak:1:Ben", "weak:1:Ana", "weak:2:Ben", "weak:1:"]


@pytest.mark.parametrize(("seen", "kind"), [(b'"from_id": "user5"', "user"), (b'"channel5"', "channel"), (b"", "weak")])
def test_a_chat_of_unknown_type_is_known_by_its_own_messages(seen: bytes, kind: str) -> None:
    identity = Namer(Era.BARE).name(_head(None, 5), seen=seen)

    assert identity.kind == kind
    assert identity.id == 5


@pytest.mark.parametrize(("number", "kind"), [((1 << 32) + 5, ChatKind.USER), ((2 << 32) + 5, ChatKind.WEAK)])
def test_the_bits_of_an_old_id_tell_a_user(number: int, kind: ChatKind) -> None:
    assert Namer(Era.SHIFTED).name(_head("novel", number), seen=b"").kind is kind
