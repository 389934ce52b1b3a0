"""Damaged and cut files: what is whole comes out, what is not is told, and nothing ever fails."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.json.dialect import dump
from samples.json.reading import SAMPLES, Reading, opened, read, read_text
from tgvault.api import FindingKind, TgVaultError, unfold
from tgvault_plugins.desktop_export.repair import repaired

ACCOUNT = (SAMPLES / "account/result.json").read_bytes()
WHOLE = read(opened(SAMPLES / "account"))
COUNT = len(WHOLE.all_ids())
LEGAL = repaired(ACCOUNT)[0]
FILES = [ACCOUNT, LEGAL, msgspec.json.format(LEGAL, indent=-1), msgspec.json.format(LEGAL, indent=4)]

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\{}[],:\n\x01\u2028{chat}/'), max_size=30)
VALUES = st.recursive(
    TEXT | st.integers(-(2**70), 2**70) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["photos/a.jpg", "chats/chat_1/photos/a.jpg", "(File unavailable, please try again later)", "../x", "{chat}/a", ""]
)


@st.composite
def chats(draw: st.DrawFn) -> dict[str, object]:
    """A chat in the schema of the exporter, with things in it that nobody expects."""
    ids = sorted(draw(st.sets(st.integers(-(10**9), 2**60), max_size=12)))
    messages = []
    for number in ids:
        fields = draw(st.dictionaries(TEXT, VALUES, max_size=3))
        known = {"id": number, "type": draw(st.sampled_from(["message", "service", "unsupported", "novel"]))}
        path = {"photo": draw(PATHS)} if draw(st.booleans()) else {}
        messages.append({**known, **path, "text": draw(TEXT), **{k: v for k, v in fields.items() if k not in known}})
    title = draw(st.none() | TEXT)
    kind = draw(st.sampled_from(["personal_chat", "private_group", "public_channel", "saved_messages"]))
    return {"name": title, "type": kind, "id": draw(st.integers(1, 2**60)), "messages": messages}


def _read(text: bytes) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        return read_text(Path(folder), text)


@settings(deadline=None, max_examples=150)
@given(st.lists(chats(), max_size=3), st.booleans())
def test_every_message_comes_out_as_it_is_written(made: list[dict[str, object]], single: bool) -> None:
    root = made[0] if single and made else {"about": "x", "chats": {"about": "y", "list": made}}
    text = repaired(dump(root).encode())[0]

    reading = _read(dump(root).encode()) if made or not single else _read(text)

    folders = [chat.folder for chat in reading.chats]
    bodies = [
        unfold(message.body, folder=folder)
        for folder, messages in zip(folders, reading.messages.values(), strict=True)
        for message in messages
    ]
    assert json.loads(reading.text) == json.loads(text)
    expected = [each for chat in (made[:1] if single else made) for each in chat["messages"]]  # type: ignore[union-attr]
    assert bodies == [msgspec.json.format(repaired(dump(each).encode())[0], indent=-1) for each in expected]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(FILES), st.integers(0, 200_000))
def test_wherever_a_file_is_cut_everything_complete_comes_out(whole: bytes, at: int) -> None:
    at %= len(whole)
    try:
        reading = _read(whole[:at])
    except TgVaultError:
        # Before the first member that tells what the file is.
        assert at < 200
        return

    ids = reading.all_ids()
    assert ids == WHOLE.all_ids()[: len(ids)]
    # A message that is still whole ends in a brace, and its id stands in the file once with such a start.
    complete = sum(whole[:at].count(b'"id":%b%d,' % (space, each or 0)) > 0 for each in ids for space in (b" ", b""))
    assert complete >= len(ids)
    assert any(found.is_loss for found in reading.findings) or at >= len(whole) - 2
    json.loads(reading.text)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(FILES), st.integers(0, 200_000), st.binary(min_size=1, max_size=6), st.integers(0, 8))
def test_damage_costs_few_messages_and_is_told(whole: bytes, at: int, instead: bytes, length: int) -> None:
    at %= len(whole)
    try:
        reading = _read(whole[:at] + instead + whole[at + length :])
    except TgVaultError:
        return

    json.loads(reading.text)
    lost = COUNT - len(reading.all_ids())
    assert lost <= (4 if b"\n" in whole else 20)
    # A few damages leave legal JSON, two messages run into one: nothing can notice that.
    assert lost <= 1 or any(found.is_loss for found in reading.findings)


def test_a_broken_message_costs_no_other(tmp_path: Path) -> None:
    at = ACCOUNT.index(b'"from the old basic group"')

    reading = read_text(tmp_path, ACCOUNT[:at] + b"!" + ACCOUNT[at + 1 :])

    lost = reading.of(FindingKind.LOST)
    assert sorted(set(WHOLE.all_ids()) - set(reading.all_ids()), key=str) == [-999999994]
    assert [found.subject for found in lost] == ["chat Field Ops"]
    assert lost[0].detail.startswith("message -999999994 near byte ")


def test_text_that_is_no_utf8_costs_the_letters_only(tmp_path: Path) -> None:
    reading = read_text(tmp_path, ACCOUNT.replace(b"from the old", b"from the \xff\xff\xff"))

    messages = {message.id: message for message in reading.messages["channel:1234567890"]}
    assert "from the \ufffd\ufffd\ufffd basic".encode() in messages[-999999994].body
    assert [found.count for found in reading.of(FindingKind.LOST)] == [6]
    assert len(reading.all_ids()) == COUNT


def test_chats_are_told_apart_where_the_border_between_them_is_damaged(tmp_path: Path) -> None:
    border = ACCOUNT.index(b'    ]\n   },\n   {\n    "name": "Field Ops"')

    reading = read_text(tmp_path, ACCOUNT[:border] + b"?" * 16 + ACCOUNT[border + 16 :])

    assert [chat.key for chat in reading.chats] == [chat.key for chat in WHOLE.chats]
    assert reading.ids("channel:1234567890") == WHOLE.ids("channel:1234567890")
    assert reading.ids("user:7000000002") == [501, 502]
    assert reading.coverage["user:7000000002"] == []


def test_chats_are_found_where_the_beginning_of_their_list_is_damaged(tmp_path: Path) -> None:
    for damage in (b' "chats": {', b'  "about": "ch",', b'  "list": [\n   {\n    "name": "Ben'):
        at = ACCOUNT.index(damage)

        reading = read_text(tmp_path, ACCOUNT[: at + 2] + b"\0\0\0" + ACCOUNT[at + 5 :])

        assert len(reading.all_ids()) == COUNT
        assert reading.of(FindingKind.LOST) or reading.of(FindingKind.UNKNOWN_FIELD)


def test_a_document_that_is_cut_off_keeps_what_is_complete(tmp_path: Path) -> None:
    at = ACCOUNT.index(b'"phone_number": "+81')

    reading = read_text(tmp_path, ACCOUNT[:at])

    assert reading.documents[-1].name == "contacts"
    assert b'"first_name":"Ben"' in reading.documents[-1].body
    assert [found.subject for found in reading.of(FindingKind.TRUNCATED)] == ["contacts"]


def test_what_follows_the_end_is_told(tmp_path: Path) -> None:
    reading = read_text(tmp_path, ACCOUNT + b"\n{}")

    assert len(reading.all_ids()) == COUNT
    assert [found.detail for found in reading.of(FindingKind.LOST)] == ["3 bytes behind the end of the export"]
