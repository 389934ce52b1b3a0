"""Reading a `result.json` of any form, from the file to the records."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from samples.json.dialect import Pairs, dump, pairs
from samples.json.make import files
from samples.json.reading import SAMPLES, Reading, opened, read, read_text
from tgvault.api import ChatKind, FindingKind, MediaRef, SourceChangedError, Span, UnreadableExportError
from tgvault.testing.contracts.source import every_seventh
from tgvault_plugins.desktop_export.repair import repaired
from tgvault_plugins.desktop_export.source import DesktopExport

WELL_FORMED = ["single", "account", "topic", "eras/1.3.8", "eras/1.4.8", "eras/2.4.1"]
FIELD_OPS = "channel:1234567890"


def _legal(name: str) -> bytes:
    return repaired((SAMPLES / name / "result.json").read_bytes())[0]


@pytest.fixture(scope="module")
def account() -> Reading:
    return read(opened(SAMPLES / "account"))


@pytest.fixture(scope="module")
def single() -> Reading:
    return read(opened(SAMPLES / "single"))


def test_the_samples_are_what_their_generator_makes() -> None:
    for name, content in files().items():
        assert (SAMPLES / name).read_bytes() == content


@pytest.mark.parametrize("name", WELL_FORMED)
def test_the_records_together_equal_the_file(name: str) -> None:
    reading = read(opened(SAMPLES / name))

    assert pairs(reading.text) == pairs(_legal(name))
    assert not [found for found in reading.findings if found.is_loss]


FORMS = {
    "minified": lambda text: msgspec.json.format(text, indent=-1),
    "on one line": lambda text: msgspec.json.format(text, indent=0),
    "two spaces": lambda text: msgspec.json.format(text, indent=2),
    "four spaces and CRLF": lambda text: msgspec.json.format(text, indent=4).replace(b"\n", b"\r\n"),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.decode().encode("utf-16-be"),
    "sorted keys": lambda text: json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False).encode(),
    "sorted and indented": lambda text: json.dumps(json.loads(text), sort_keys=True, indent=1).encode(),
    "white space around": lambda text: b" \n" + text + b"\n\n",
    "ragged": lambda text: text.replace(b'"text_entities"', b'\n\n"text_entities"').replace(b"},", b"}  ,"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["account", "single"])
def test_a_file_saved_again_in_another_form_gives_the_same(name: str, form: str, tmp_path: Path) -> None:
    text = FORMS[form](_legal(name))
    original = read(opened(SAMPLES / name))

    reading = read_text(tmp_path, text)

    decoded = text.decode("utf-16" if text.startswith(b"\xff\xfe") else "utf-16-be") if "UTF-16" in form else text
    expected = json.loads(decoded if isinstance(decoded, str) else decoded.removeprefix(b"\xef\xbb\xbf"))
    assert json.loads(reading.text) == expected
    assert reading.all_ids() == original.all_ids()
    assert reading.coverage == original.coverage
    assert [chat.folder for chat in reading.chats] == [chat.folder for chat in original.chats]


def test_an_account_tells_its_form_and_whose_it_is() -> None:
    source = opened(SAMPLES / "account", observed_at="2026-11-22T10:00:00+02:00")

    info = source.info()
    source.close()

    assert info.form == "telegram desktop json, full account"
    assert info.account == 100000001
    assert info.observed_at is not None
    assert info.observed_at.isoformat() == "2026-11-22T08:00:00+00:00"
    assert info.bytes_total == sum(path.stat().st_size for path in (SAMPLES / "account").rglob("*") if path.is_file())


@pytest.mark.parametrize(("name", "form"), [("single", "single chat"), ("topic", "one topic")])
def test_an_export_of_one_chat_tells_no_account(name: str, form: str) -> None:
    source = opened(SAMPLES / name)

    info = source.info()
    source.close()

    assert info.form == f"telegram desktop json, {form}"
    assert info.account is None


def test_without_personal_information_the_chat_with_oneself_tells_the_account(tmp_path: Path) -> None:
    chats = {"list": [{"type": "saved_messages", "id": 77, "messages": [{"id": 1, "type": "unsupported"}]}]}
    (tmp_path / "result.json").write_text(dump({"chats": chats}))
    source = opened(tmp_path)

    info = source.info()
    source.close()

    assert info.account == 77


def test_each_member_of_the_root_is_a_document(account: Reading) -> None:
    names = [document.name for document in account.documents]

    assert names == [
        "about",
        "personal_information",
        "profile_pictures",
        "stories",
        "profile_music",
        "contacts",
        "frequent_contacts",
        "sessions",
        "web_sessions",
        "other_data",
    ]
    assert b'"rating":0.830000' in account.documents[6].body


def test_documents_name_their_files(account: Reading) -> None:
    media = {document.name: document.media for document in account.documents if document.media}

    assert media == {
        "profile_pictures": (
            MediaRef("0/photo", "profile_pictures/photo_1@14-11-2024_11-12-44.jpg"),
            MediaRef("1/photo", None, "unavailable"),
        ),
        "stories": (MediaRef("0/media", "stories/story_1@14-11-2024_11-12-44.mp4"),),
        "profile_music": (MediaRef("0/file", "files/Song.mp3"),),
    }


def test_chats_are_named_by_kind_and_bare_id(account: Reading) -> None:
    assert [(chat.key, chat.type, chat.title) for chat in account.chats] == [
        ("user:7000000002", "personal_chat", "Ben 伊藤"),
        (FIELD_OPS, "private_supergroup", "Field Ops"),
        ("user:100000001", "saved_messages", None),
        ("user:1271266957", "replies", None),
        ("user:489000", "verification_codes", None),
        ("user:100000009", "personal_chat", None),
        ("user:5555", "bot_chat", "Helper"),
        ("channel:1987654321", "public_channel", "News ✨"),
        ("chat:4696915167", "private_group", "Small"),
        ("channel:555", "public_supergroup", "Old Club"),
    ]


def test_a_chats_opening_and_closing_hold_its_fields(account: Reading) -> None:
    chat = account.chats[0]

    assert chat.opening == '{"name":"Ben 伊藤","type":"personal_chat","id":7000000002,"messages":['.encode()
    assert chat.closing == b"]}"


def test_only_what_the_file_proves_to_be_complete_is_covered(account: Reading) -> None:
    assert {key: ranges for key, ranges in account.coverage.items() if ranges} == {
        "user:7000000002": [(501, 502)],
        FIELD_OPS: [(-999999995, 233)],
        "user:100000001": [(503, 503)],
        "user:100000009": [(504, 504)],
        "user:5555": [(505, 505)],
    }


def test_bodies_say_chat_in_the_place_of_their_folder(account: Reading, single: Reading) -> None:
    inside = {message.id: message for message in account.messages[FIELD_OPS]}[18]
    alone = {message.id: message for message in single.messages[FIELD_OPS]}[18]

    assert b'"photo":"{chat}/photos/photo_1@14-11-2024_11-12-56.jpg"' in inside.body
    assert inside.body == alone.body
    assert inside.media == (MediaRef("photo", "chats/chat_2/photos/photo_1@14-11-2024_11-12-56.jpg"),)
    assert alone.media == (MediaRef("photo", "photos/photo_1@14-11-2024_11-12-56.jpg"),)
    assert [chat.folder for chat in account.chats][:3] == ["chats/chat_1/", "chats/chat_2/", ""]


def test_why_there_is_no_file_is_told(single: Reading) -> None:
    media = {message.id: message.media for message in single.messages[FIELD_OPS]}

    assert media[19] == (MediaRef("photo", None, "not included"),)
    assert media[20] == (MediaRef("photo", None, "unavailable"),)
    assert media[21] == (MediaRef("file", None, "too big"), MediaRef("thumbnail", None, "too big"))


def test_files_deep_inside_of_a_message_are_told(single: Reading) -> None:
    media = {message.id: message.media for message in single.messages[FIELD_OPS]}

    assert MediaRef("text_entities/20/document_id", "stickers/AnimatedSticker.tgs") in media[8]
    assert MediaRef("text/21/document_id", None, "unavailable") in media[8]
    assert media[42] == (MediaRef("reactions/1/document_id", "stickers/AnimatedSticker (1).tgs"),)
    assert media[43] == (MediaRef("rich_message/blocks/3/photo_skip_reason", None, "not included"),)


def test_what_is_new_is_kept_and_counted(single: Reading) -> None:
    new = [(found.kind, found.subject, found.count) for found in single.findings if "unknown" in found.kind]

    assert new == [
        (FindingKind.UNKNOWN_ACTION, "an_action_from_the_future", 1),
        (FindingKind.UNKNOWN_ACTION, "brand_new_action_from_the_future", 1),
        (FindingKind.UNKNOWN_FIELD, "message.novel", 1),
        (FindingKind.UNKNOWN_FIELD, "message.x", 1),
    ]
    assert sum(b'"novel":{"deep":[1,2]}' in message.body for message in single.messages[FIELD_OPS]) == 1


def test_repeated_keys_survive(single: Reading) -> None:
    bodies = {message.id: message.body for message in single.messages[FIELD_OPS]}

    assert b'"text":"button says hi","text":""' in bodies[232]
    assert b'"text":"pre-5.9.2 gift note","text":""' in bodies[233]


def test_control_characters_are_made_legal_and_told(single: Reading) -> None:
    bodies = {message.id: message.body for message in single.messages[FIELD_OPS]}

    assert b"ctrl:\\u0001 backslash:C:\\\\x41dir tab:\\t u2028:\\u2028" in bodies[10]
    assert [found.count for found in single.of(FindingKind.REPAIRED)] == [2]


@pytest.mark.parametrize("name", ["unquoted", "control_characters"])
def test_illegal_dialects_lose_nothing(name: str) -> None:
    reading = read(opened(SAMPLES / f"broken/{name}.json"))

    assert pairs(reading.text) == pairs(repaired((SAMPLES / f"broken/{name}.json").read_bytes())[0])
    assert [found.kind for found in reading.findings] == [FindingKind.REPAIRED]


def test_an_unquoted_path_of_an_emoji_is_a_file() -> None:
    reading = read(opened(SAMPLES / "broken/unquoted.json"))

    assert reading.messages["user:5"][1].media == (MediaRef("text/0/document_id", "video_files/sticker (2).webm"),)


@pytest.mark.parametrize(("name", "left"), [("cut_in_a_message", 49), ("cut_after_a_message", 0)])
def test_of_a_file_that_was_cut_off_everything_complete_is_kept(name: str, left: int) -> None:
    reading = read(opened(SAMPLES / f"broken/{name}.json"))

    assert reading.ids(FIELD_OPS)[-2:] == [19, 20]
    assert len(reading.all_ids()) == 24
    assert reading.coverage == {FIELD_OPS: [(-999999995, 20)]}
    assert [(found.subject, found.detail) for found in reading.of(FindingKind.TRUNCATED)] == [
        ("chat Field Ops", f"the file ends after message 20, {left} bytes of the next one are left out")
    ]
    assert json.loads(reading.text)["messages"][-1]["id"] == 20


@pytest.mark.parametrize(
    ("era", "key", "kind"),
    [
        ("1.3.8", "weak:1:Ben", ChatKind.WEAK),
        ("1.4.8", "user:100000001", ChatKind.USER),
        ("2.4.1", "user:100000001", ChatKind.USER),
    ],
)
def test_every_era_of_ids_names_the_same_chat(era: str, key: str, kind: ChatKind) -> None:
    reading = read(opened(SAMPLES / "eras" / era))

    assert [(chat.key, chat.kind) for chat in reading.chats] == [(key, kind)]
    assert reading.ids(key) == [1, 2]


def test_a_topic_covers_nothing_of_its_group() -> None:
    reading = read(opened(SAMPLES / "topic"))

    assert reading.chats[0].folder == "chats/chat_562951187989202/topic_2/"
    assert reading.messages[FIELD_OPS][1].body.count(b"{chat}/photos/") == 1
    assert reading.coverage == {FIELD_OPS: []}


@pytest.mark.parametrize("name", ["test_single_export.json", "test_batch_export.json"])
def test_files_of_other_tools_without_ids_are_read(name: str) -> None:
    path = SAMPLES.parent / "chat_miner" / name

    reading = read(opened(path))

    assert pairs(reading.text) == pairs(path.read_bytes())
    assert reading.all_ids() == [None, None]
    assert [chat.kind for chat in reading.chats] == [ChatKind.WEAK]
    assert not any(span.ordered for spans in reading.spans.values() for span in spans)


def test_members_that_stand_twice_survive_an_exact_restore(tmp_path: Path) -> None:
    text = dump(Pairs((("contacts", {"list": [1]}), ("contacts", {"list": [2]}), ("chats", {"list": []}))))

    reading = read_text(tmp_path, text)

    assert pairs(reading.text) == pairs(text)
    assert [document.body for document in reading.documents] == [b'{"list":[1]}']
    assert [found.subject for found in reading.of(FindingKind.NOTE)] == ["contacts"]


def test_new_members_of_the_root_and_of_chats_are_kept_and_told(tmp_path: Path) -> None:
    chat = {"name": "Ben", "type": "monoforum", "id": 5, "colour": 3, "messages": []}
    text = dump(
        {"passkeys": {"list": [1]}, "chats": {"list": [chat], "more": True}, "archived_chats": {"list": [chat]}}
    )

    reading = read_text(tmp_path, text)

    assert pairs(reading.text) == pairs(text)
    assert {found.subject for found in reading.findings} == {
        "root.passkeys",
        "root.archived_chats",
        "chat.colour",
        "chat type monoforum",
    }


def test_a_chat_without_messages_is_a_chat(tmp_path: Path) -> None:
    chats = [
        {"name": "A", "type": "personal_chat", "id": 1},
        {"name": "B", "type": "personal_chat", "id": 2, "messages": None},
    ]
    text = dump({"chats": {"list": [*chats, None, 7]}})

    reading = read_text(tmp_path, text)

    assert pairs(reading.text) == pairs(text)
    assert [chat.key for chat in reading.chats] == ["user:1", "user:2"]


def test_what_is_no_message_is_lost_and_told(tmp_path: Path) -> None:
    text = dump({"name": "A", "type": "personal_chat", "id": 1, "messages": [None, {"id": 1, "type": "unsupported"}]})

    reading = read_text(tmp_path, text)

    assert reading.all_ids() == [1]
    assert [found.subject for found in reading.of(FindingKind.LOST)] == ["chat A"]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "C:\\x", "photos/../../a"])
def test_a_path_that_leads_out_is_refused_and_told(path: str, tmp_path: Path) -> None:
    text = dump(
        {"name": "A", "type": "personal_chat", "id": 1, "messages": [{"id": 1, "type": "message", "photo": path}]}
    )

    reading = read_text(tmp_path, text)

    assert reading.messages["user:1"][0].media == (MediaRef("photo", None, "refused"),)
    assert [found.kind for found in reading.findings] == [FindingKind.REFUSED_PATH]
    assert pairs(reading.text) == pairs(text)


def test_text_that_speaks_of_the_mark_for_the_folder_comes_back(tmp_path: Path) -> None:
    messages = [{"id": 1, "type": "message", "text": "{chat}/a"}, {"id": 2, "type": "message", "photo": "{chat}/b.jpg"}]
    text = dump({"name": "A", "type": "personal_chat", "id": 1, "messages": messages})

    reading = read_text(tmp_path, text)

    assert pairs(reading.text) == pairs(text)
    assert reading.messages["user:1"][0].body == b'{"id":1,"type":"message","text":"{chat}{chat}/a"}'


def test_nesting_without_end_costs_one_message(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    text = dump({"name": "A", "type": "personal_chat", "id": 1, "messages": ["@", {"id": 2, "type": "unsupported"}]})

    reading = read_text(tmp_path, text.replace('"@"', f'{{"id":1,"type":"message","rich_message":{deep}}}'))

    assert reading.all_ids() == [2]
    assert [found.detail[:9] for found in reading.of(FindingKind.LOST)] == ["message 1"]


def test_the_fingerprint_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "result.json").write_bytes((SAMPLES / "single/result.json").read_bytes())
    prints = []
    for step in (lambda: None, lambda: None, lambda: (tmp_path / "photos/a.jpg").write_bytes(b"x")):
        step()
        source = opened(tmp_path)
        prints.append(source.info().fingerprint)
        source.close()
    os.utime(tmp_path / "result.json", ns=(1, 1))
    source = opened(tmp_path)
    prints.append(source.info().fingerprint)
    source.close()

    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def test_a_file_that_changes_meanwhile_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_bytes((SAMPLES / "single/result.json").read_bytes())
    source = opened(tmp_path)
    records = source.records(every_seventh)
    next(records)
    os.utime(tmp_path / "result.json", ns=(1, 1))

    with pytest.raises(SourceChangedError):
        list(records)
    source.close()


@pytest.mark.parametrize("ask", [DesktopExport.expand, DesktopExport.raw])
def test_a_span_of_another_state_of_the_file_is_refused(
    tmp_path: Path, ask: Callable[[DesktopExport, Span], object]
) -> None:
    (tmp_path / "result.json").write_bytes((SAMPLES / "single/result.json").read_bytes())
    source = opened(tmp_path)
    span = next(record for record in source.records(every_seventh) if isinstance(record, Span))
    source.close()
    os.utime(tmp_path / "result.json", ns=(1, 1))
    worker = opened(tmp_path)

    with pytest.raises(SourceChangedError):
        ask(worker, span)
    worker.close()


def test_a_span_is_read_in_another_process_as_in_this_one() -> None:
    source = opened(SAMPLES / "account")
    spans = [record for record in source.records(every_seventh) if isinstance(record, Span)]
    here = [list(source.expand(span)) for span in spans]
    source.close()
    worker = opened(SAMPLES / "account")

    there = [list(worker.expand(span)) for span in reversed(spans)]
    worker.close()

    assert there == here[::-1]


def test_the_bytes_of_a_span_do_not_hang_on_where_it_stands(tmp_path: Path) -> None:
    text = (SAMPLES / "single/result.json").read_text()
    raws = []
    for name, content in (("a", text), ("b", text.replace('"name": "', '"name": "Longer ', 1))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(content)
        source = opened(tmp_path / name)
        raws.append([source.raw(each) for each in source.records(every_seventh) if isinstance(each, Span)])
        source.close()

    assert raws[0] == raws[1]
    assert raws[0][0] is not None


def test_a_file_in_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExportError) as caught:
        read_text(tmp_path, '{\n "name": "A",\n "type": "personal_chat",\n "mess')

    assert caught.value.hint is not None
