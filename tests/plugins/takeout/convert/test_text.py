from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.tl import types
from tests.plugins.takeout.convert.support import body, convert, document, making, message, refusing

from samples.json.texts import EVERY_ENTITY
from tgvault.api import FindingKind
from tgvault_plugins.takeout.convert.text import both_forms, joined
from tgvault_plugins.takeout.files import FileKind

_BY_WORD: dict[str, Any] = {
    "unknown": types.MessageEntityUnknown,
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "bot_command": types.MessageEntityBotCommand,
    "link": types.MessageEntityUrl,
    "email": types.MessageEntityEmail,
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "code": types.MessageEntityCode,
    "pre": types.MessageEntityPre,
    "text_link": types.MessageEntityTextUrl,
    "mention_name": types.MessageEntityMentionName,
    "phone": types.MessageEntityPhone,
    "cashtag": types.MessageEntityCashtag,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "blockquote": types.MessageEntityBlockquote,
    "bank_card": types.MessageEntityBankCard,
    "spoiler": types.MessageEntitySpoiler,
    "custom_emoji": types.MessageEntityCustomEmoji,
}
_RENAMED = {"href": "url"}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _sent(pieces: list[tuple[str, str, dict[str, object]]]) -> tuple[str, list[Any]]:
    text, entities = "", []
    for kind, piece, more in pieces:
        if kind != "plain":
            fields = {_RENAMED.get(name, name): value for name, value in more.items()}
            if kind == "custom_emoji":
                fields["document_id"] = int(str(fields["document_id"]))
            entities.append(_BY_WORD[kind](_units(text), _units(piece), **fields))
        text += piece
    return text, entities


def test_a_text_without_marks_is_a_string_and_one_plain_piece() -> None:
    found = body(message(text="привет 👋"))

    assert found["text"] == "привет 👋"
    assert found["text_entities"] == [{"type": "plain", "text": "привет 👋"}]


def test_no_text_is_an_empty_string_and_no_piece() -> None:
    found = body(message())

    assert (found["text"], found["text_entities"]) == ("", [])


def test_every_mark_is_written_as_telegram_desktop_writes_it() -> None:
    pieces = [each for each in EVERY_ENTITY if str(each[2].get("document_id", "1")).isdigit()]
    text, entities = _sent(pieces)

    found = body(message(text=text, entities=entities))

    objects = [{"type": kind, "text": piece, **more} for kind, piece, more in pieces]
    assert found["text_entities"] == objects
    assert found["text"] == [each["text"] if each["type"] == "plain" else each for each in objects]


def test_of_marks_inside_each_other_the_first_is_kept_and_all_are_noted() -> None:
    marks = [
        types.MessageEntityBold(0, 5),
        types.MessageEntityTextUrl(0, 5, "https://e.org"),
        types.MessageEntityItalic(3, 4),
    ]

    found = body(message(text="hello you", entities=marks))

    assert found["text"] == [{"type": "bold", "text": "hello"}, " you"]
    assert [each["_"] for each in found["api"]["entities"]] == [
        "MessageEntityBold",
        "MessageEntityTextUrl",
        "MessageEntityItalic",
    ]


def test_offsets_count_halves_of_wide_characters() -> None:
    found = body(
        message(text="👍🏽 ok 😀 end", entities=[types.MessageEntityBold(5, 2), types.MessageEntityItalic(8, 2)])
    )

    assert found["text"] == ["👍🏽 ", {"type": "bold", "text": "ok"}, " ", {"type": "italic", "text": "😀"}, " end"]


def test_a_mark_that_cuts_a_character_loses_no_text() -> None:
    found = body(message(text="a😀b😀c", entities=[types.MessageEntityBold(2, 3)]))

    assert "".join(each if isinstance(each, str) else each["text"] for each in found["text"]) == "a😀b😀c"


@pytest.mark.parametrize(("offset", "length"), [(0, 0), (-1, 3), (3, -2), (50, 1), (2**31 - 1, 2**31 - 1), (3, 1)])
def test_a_mark_that_marks_nothing_is_left_out(offset: int, length: int) -> None:
    found = body(message(text="abc", entities=[types.MessageEntityBold(offset, length)]))

    assert found["text"] == "abc"


def test_a_mark_that_runs_beyond_the_text_ends_with_it() -> None:
    found = body(message(text="äbc", entities=[types.MessageEntityBold(1, 3)]))

    assert found["text"] == ["ä", {"type": "bold", "text": "bc"}]


def test_a_date_and_changes_are_unknown_to_exports_and_noted() -> None:
    marks = [types.MessageEntityFormattedDate(0, 2, None), types.MessageEntityDiffReplace(2, 2, "old")]

    made = convert(message(text="abcd", entities=marks))

    found = msgspec.json.decode(made.body)
    assert [each["type"] for each in found["text"]] == ["unknown", "unknown"]
    assert found["api"]["entities"][1]["old_text"] == "old"
    assert made.findings == ()


def test_a_mark_that_is_new_to_us_is_kept_and_told_once() -> None:
    class MessageEntityGlow(types.MessageEntityBold):  # type: ignore[misc]
        """One from a layer to come."""

    made = convert(message(text="abcd", entities=[MessageEntityGlow(0, 2)]))

    assert msgspec.json.decode(made.body)["text"][0] == {"type": "unknown", "text": "ab"}
    assert [(each.kind, each.subject) for each in made.findings] == [
        (FindingKind.UNKNOWN_TYPE, "entity MessageEntityGlow")
    ]


def test_a_name_of_somebody_that_was_only_sent_is_their_id() -> None:
    found = body(message(text="Ben", entities=[types.InputMessageEntityMentionName(0, 3, types.InputUser(7, 8))]))

    assert found["text"] == [{"type": "mention_name", "text": "Ben", "user_id": 7}]


def test_a_custom_emoji_whose_file_is_wanted_is_a_path_in_both_forms() -> None:
    known = {
        5: document(
            types.DocumentAttributeCustomEmoji("🔥", types.InputStickerSetEmpty()),
            number=5,
            mime="application/x-tgsticker",
        )
    }
    sent = message(text="a🔥", entities=[types.MessageEntityCustomEmoji(1, 2, 5)])

    made = convert(sent, emoji=known)

    found = msgspec.json.decode(made.body)
    assert found["text"][1]["document_id"] == "{chat}/stickers/AnimatedSticker_5.tgs"
    assert [(file.field, file.kind, file.path) for file in made.files] == [
        ("text/1/document_id", FileKind.EMOJI, "{chat}/stickers/AnimatedSticker_5.tgs"),
        ("text_entities/1/document_id", FileKind.EMOJI, "{chat}/stickers/AnimatedSticker_5.tgs"),
    ]


def test_a_custom_emoji_whose_file_is_not_wanted_is_its_id_and_left_out() -> None:
    known = {5: document(number=5)}
    sent = message(text="🔥", entities=[types.MessageEntityCustomEmoji(0, 2, 5)])

    made = convert(sent, emoji=known, decide=refusing("not included"))

    assert msgspec.json.decode(made.body)["text"][0]["document_id"] == "5"
    assert made.files == ()
    assert {(file.name, reason) for file, reason in made.left_out} == {("document_5", "not included")}


def test_a_text_that_names_the_mark_of_folders_comes_back_as_it_was() -> None:
    assert b'"text":"{chat}{chat}/x"' in convert(message(text="{chat}/x")).body


def test_a_text_of_one_form_is_a_string_or_a_list() -> None:
    marked = types.TextWithEntities("ab c", [types.MessageEntityBold(0, 2)])

    assert joined(types.TextWithEntities("plain", []), making()) == "plain"
    assert joined(marked, making()) == [{"type": "bold", "text": "ab"}, " c"]
    assert joined(types.TextWithEntities("", []), making()) == joined(None, making()) == ""


@given(
    text=st.text(),
    spans=st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=6),
)
def test_whatever_is_marked_the_pieces_make_up_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    entities = [types.MessageEntityBold(offset, length) for offset, length in spans]

    found = both_forms(text, entities, making())

    pieces = found["text"] if isinstance(found["text"], list) else [found["text"]]
    assert "".join(each if isinstance(each, str) else each["text"] for each in pieces) == text
    assert "".join(each["text"] for each in found["text_entities"]) == text  # type: ignore[attr-defined]
