import json
import shutil
import time
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samples.html import writer
from tgvault.api import (
    Chat,
    Coverage,
    Finding,
    FindingKind,
    HostilePathError,
    MediaFile,
    MediaRef,
    Message,
    Record,
    SourceError,
    Span,
    UnrecognisedExportError,
)
from tgvault.testing.contracts.source import every_seventh
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.html import HtmlExport, recognise
from tgvault_plugins.desktop_export.paths import NOT_PLAIN
from tgvault_plugins.desktop_export.zipped import ZipRoot

SAMPLES = Path(__file__).parents[3] / "samples/html"


def export(at: Path, *, source_tz: str | None = None) -> HtmlExport:
    return HtmlExport(FolderRoot(at), source_tz=source_tz, observed_at=None)


def read(source: HtmlExport) -> list[Record | Finding]:
    found: list[Record | Finding] = []
    for record in source.records(every_seventh):
        found += source.expand(record) if isinstance(record, Span) else [record]
    return found


def bodies(source: HtmlExport) -> dict[int, dict[str, object]]:
    return {
        each.id: json.loads(each.body) for each in read(source) if isinstance(each, Message) and each.id is not None
    }


def without_html(body: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in body.items() if key != "html"}


def twin(name: str) -> dict[int, dict[str, object]]:
    # The exporter writes control characters in a form that JSON does not have.
    text = (SAMPLES / name).read_text().replace("\\x01", "\\u0001")
    return {each["id"]: each for each in json.loads(text)["messages"]}


def test_a_single_chat_is_recognised() -> None:
    source = HtmlExport(
        FolderRoot(SAMPLES / "two_pages"), source_tz=None, observed_at=datetime(2026, 11, 22, tzinfo=UTC)
    )

    info = source.info()

    assert info.form == "telegram desktop html, single chat"
    assert info.observed_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert info.account is None
    assert info.bytes_total == sum(file.stat().st_size for file in (SAMPLES / "two_pages").rglob("*") if file.is_file())


def test_pages_and_media_are_listed() -> None:
    names = {file.name for file in export(SAMPLES / "two_pages").media()}

    assert names == {
        "messages.html",
        "messages2.html",
        "photos/photo_1@14-11-2024_11-12-56.jpg",
        "photos/photo_1@14-11-2024_11-12-56_thumb.jpg",
        "voice_messages/audio_1@14-11-2024_11-12-59.ogg",
    }


def test_nothing_in_the_sample_is_unknown_and_nothing_covered() -> None:
    found = read(export(SAMPLES / "two_pages"))

    assert [each for each in found if isinstance(each, Finding | Coverage)] == []


def test_the_first_page_of_the_sample() -> None:
    found = bodies(export(SAMPLES / "two_pages"))

    assert without_html(found[-999999995]) == {
        "id": -999999995,
        "type": "service",
        "actor": "Ana Kovač",
        "action": "create_group",
        "information_text": "Ana Kovač created group «Field Ops» with members Ana Kovač and Deleted Account",
        "title": "Field Ops",
        "text": "",
        "text_entities": [],
    }
    plain = "a <b> & \"c\" 'd'\nsecond line\n\n4th"
    assert without_html(found[3]) == {
        "id": 3,
        "type": "message",
        "date": "2024-11-14T11:12:45",
        "date_unixtime": "1731571965",
        "from": "Ben 伊藤",
        "reply_to_message_id": 2,
        "text": plain,
        "text_entities": [{"type": "plain", "text": plain}],
    }
    assert [(each["type"], each["text"]) for each in found[4]["text_entities"] if each["type"] != "plain"] == [
        ("bold", "bold"),
        ("italic", "i"),
        ("code", "c"),
        ("pre", "int"),
        ("underline", "u"),
        ("strikethrough", "s"),
        ("blockquote", "q"),
        ("text_link", "here"),
        ("mention", "@ana_k"),
        ("hashtag", "#тег"),
        ("mention_name", "Ben"),
        ("email", "a@b.cd"),
        ("spoiler", "hush"),
        ("custom_emoji", "😀"),
        ("custom_emoji", "🎉"),
    ]
    assert found[4]["from"] == "Ben 伊藤"
    assert found[7]["from"] is None
    assert (found[13]["forwarded_from"], found[13]["forwarded_date"]) == ("News ✨", "2024-11-14T09:49:24")
    assert (found[16]["from"], found[16]["via_bot"]) == ("Ben 伊藤", "@gif")
    assert found[16]["html"]["reply_to"] == "In reply to a message in another chat"


def test_the_second_page_of_the_sample() -> None:
    found = bodies(export(SAMPLES / "two_pages"))

    assert without_html(found[18]) == {
        "id": 18,
        "type": "message",
        "date": "2024-11-14T11:12:56",
        "date_unixtime": "1731571976",
        "from": "Ben 伊藤",
        "photo": "photos/photo_1@14-11-2024_11-12-56.jpg",
        "text": "cap 1",
        "text_entities": [{"type": "plain", "text": "cap 1"}],
    }
    assert found[19]["photo"] == "(File not included. Change data exporting settings to download.)"
    assert found[20]["photo"] == "(File unavailable, please try again later)"
    assert found[21]["file"] == "(File exceeds maximum size. Change data exporting settings to download.)"
    assert (found[24]["media_type"], found[24]["duration_seconds"]) == ("voice_message", 7)
    assert found[31]["location_information"] == {"latitude": 48.2082, "longitude": -16.3738}
    assert found[36]["poll"] == {
        "question": "Q?",
        "closed": False,
        "total_voters": 3,
        "answers": [{"text": "a", "voters": 2, "chosen": True}, {"text": "b", "voters": 1, "chosen": False}],
    }
    assert (found[41]["from"], found[41]["author"]) == ("News ✨", "Ed")
    assert found[41]["inline_bot_buttons"] == [[{"type": "url", "text": "Site", "data": "https://e.org"}]]
    assert (found[42]["from"], found[42]["reply_to_message_id"]) == ("News ✨", 3)
    assert found[42]["reactions"] == [
        {"type": "emoji", "count": 12, "emoji": "❤", "recent": [{"from": "Ana Kovač"}]},
        {"type": "paid", "count": 500},
    ]
    assert without_html(found[112]) == {
        "id": 112,
        "type": "service",
        "date": "2024-11-14T11:14:36",
        "date_unixtime": "1731572076",
        "actor": "Ana Kovač",
        "action": "phone_call",
        "duration_seconds": 61,
        "text": "",
        "text_entities": [],
    }
    assert without_html(found[300]) == {"id": 300, "type": "unsupported"}


def test_files_are_named_as_they_are_opened() -> None:
    source = export(SAMPLES / "two_pages")
    media = [ref for each in read(source) if isinstance(each, Message) for ref in each.media]

    assert media == [
        MediaRef("text/28/document_id", "stickers/AnimatedSticker.tgs"),
        MediaRef("text_entities/28/document_id", "stickers/AnimatedSticker.tgs"),
        MediaRef("photo", "photos/photo_1@14-11-2024_11-12-56.jpg"),
        MediaRef("photo", None, "not included"),
        MediaRef("photo", None, "unavailable"),
        MediaRef("file", None, "too big"),
        MediaRef("file", "voice_messages/audio_1@14-11-2024_11-12-59.ogg"),
    ]
    with source.open_media(media[2].name or "").file as file:
        assert file.read() == b"x\n\n"
    with pytest.raises(FileNotFoundError):
        source.open_media(media[0].name or "")


def test_the_sample_agrees_with_its_json_twin() -> None:
    found, other = bodies(export(SAMPLES / "two_pages")), twin("two_pages_twin.json")
    both = found.keys() & other.keys()

    # The sample's pages were written beside the JSON, not by one exporter: these are the messages it has in common.
    assert both >= {-999999995, -999999994, 2, 7, 13, 18, 19, 20, 24, 31, 36, 41, 42}
    for number in (-999999994, 7, 18):
        for field in ("type", "date", "date_unixtime", "from", "text", "text_entities"):
            assert found[number][field] == other[number][field]
    for number, fields in {
        -999999995: ("type", "actor", "action", "title"),
        2: ("type", "actor", "action", "title"),
        18: ("photo",),
        19: ("photo", "width", "height"),
        20: ("photo",),
        21: ("file", "media_type", "duration_seconds"),
        24: ("file", "media_type", "duration_seconds"),
        31: ("location_information",),
    }.items():
        assert {field: found[number][field] for field in fields} == {field: other[number][field] for field in fields}
    poll = found[36]["poll"]
    assert (poll["question"], poll["total_voters"], poll["answers"][0]) == ("Q?", 3, other[36]["poll"]["answers"][0])


def test_pages_from_before_3_7_6_have_no_points_in_time() -> None:
    old, new = bodies(export(SAMPLES / "before_offsets")), bodies(export(SAMPLES / "two_pages"))

    for number, body in old.items():
        html = new[number].pop("html")
        times = ("date_unixtime", "forwarded_date_unixtime")
        assert without_html(body) == {key: value for key, value in new[number].items() if key not in times}
        assert body["html"].get("time_confidence", "") in ("wall_clock_only", "")
        assert html.get("time_confidence", "") in ("offset_only", "")


def test_summer_times_are_an_hour_off_without_the_zone_and_say_so() -> None:
    found, other = bodies(export(SAMPLES / "vienna")), twin("vienna/result.json")

    assert {number: body["date"] for number, body in found.items()} == {
        number: body["date"] for number, body in other.items()
    }
    assert int(found[1]["date_unixtime"]) == int(other[1]["date_unixtime"]) + 3600
    assert found[3]["date_unixtime"] == other[3]["date_unixtime"]
    assert {body["html"]["time_confidence"] for body in found.values()} == {"offset_only"}


def test_with_the_zone_times_agree_but_for_an_hour_that_nothing_tells_apart() -> None:
    found, other = bodies(export(SAMPLES / "vienna", source_tz="Europe/Vienna")), twin("vienna/result.json")

    assert found[1]["date_unixtime"] == other[1]["date_unixtime"]
    assert found[3]["date_unixtime"] == other[3]["date_unixtime"]
    assert int(found[2]["date_unixtime"]) - int(other[2]["date_unixtime"]) == 3600
    assert [body["html"]["time_confidence"] for body in found.values()] == ["zone", "offset_only", "offset_only"]


def test_the_turn_of_the_clocks_between_two_pages_is_seen(tmp_path: Path) -> None:
    late = writer.page(writer.message(1, title="27.10.2024 02:50:00 UTC+01:00"), following="messages2.html")
    (tmp_path / "messages.html").write_bytes(late)
    (tmp_path / "messages2.html").write_bytes(writer.page(writer.message(2, title="27.10.2024 02:10:00 UTC+01:00")))

    found = bodies(export(tmp_path, source_tz="Europe/Vienna"))

    assert found[2]["date_unixtime"] == "1729991400"
    assert found[2]["html"]["time_confidence"] == "zone"


@pytest.mark.parametrize("name", ["Europe/Nowhere", "../../etc/passwd", "", "\0"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(SourceError) as caught:
        export(SAMPLES / "vienna", source_tz=name).info()

    assert caught.value.hint is not None


def full(at: Path) -> HtmlExport:
    (at / "lists").mkdir()
    (at / "export_results.html").write_bytes(writer.listed())
    listed = [writer.entry("Ben ", "1 message", "private", "../chats/chat_01/messages.html")]
    (at / "lists/chats.html").write_bytes(writer.listed(listed))
    (at / "chats/chat_01/photos").mkdir(parents=True)
    (at / "chats/chat_01/photos/a.jpg").write_bytes(b"a")
    photo = '<a class="photo_wrap clearfix pull_left" href="../../chats/chat_01/photos/a.jpg"></a>'
    shared = writer.media("media_file", title="b", link="../../chats/chat_02/files/b")
    page = writer.page(writer.message(1, "Ben ", writer.wrap(photo)), writer.joined(2, shared), title="Ben ")
    (at / "chats/chat_01/messages.html").write_bytes(page)
    return export(at)


def test_a_full_account_is_recognised_and_read(tmp_path: Path) -> None:
    source = full(tmp_path)

    found = read(source)

    assert source.info().form == "telegram desktop html, full account"
    chat = next(each for each in found if isinstance(each, Chat))
    assert (chat.key, chat.folder) == ("weak:1:Ben", "chats/chat_01/")
    one, two = (each for each in found if isinstance(each, Message))
    assert json.loads(one.body)["photo"] == "{chat}/photos/a.jpg"
    assert one.media == (MediaRef("photo", "chats/chat_01/photos/a.jpg"),)
    assert json.loads(two.body)["file"] == "chats/chat_02/files/b"
    assert {file.name for file in source.media()} >= {
        "export_results.html",
        "lists/chats.html",
        "chats/chat_01/messages.html",
    }
    source.close()


def test_an_export_in_a_zip_is_read_alike(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for file in sorted((SAMPLES / "two_pages").rglob("*")):
            archive.write(file, f"ChatExport/{file.relative_to(SAMPLES / 'two_pages')}")
    root = ZipRoot(tmp_path / "export.zip")

    found = HtmlExport(root, source_tz=None, observed_at=None)

    assert recognise(root)
    assert bodies(found) == bodies(export(SAMPLES / "two_pages"))
    found.close()


def test_a_topic_is_a_single_chat(tmp_path: Path) -> None:
    folder = tmp_path / "chats/chat_562951187989202/topic_2"
    folder.mkdir(parents=True)
    (folder / "messages.html").write_bytes(writer.page(writer.message(3), title="Repairs "))
    source = export(tmp_path)

    chat = next(each for each in source.records(every_seventh) if isinstance(each, Chat))

    assert source.info().form == "telegram desktop html, single chat"
    assert (chat.title, chat.folder) == ("Repairs", "chats/chat_562951187989202/topic_2/")


@pytest.mark.parametrize("name", ["messages.html", "export_results.html", "result.json", "lists/chats.html"])
def test_other_files_are_not_recognised(tmp_path: Path, name: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / name).write_bytes(b"<html><body>Hello</body></html>")

    assert not recognise(FolderRoot(tmp_path))
    with pytest.raises(UnrecognisedExportError):
        export(tmp_path).info()


def test_an_empty_folder_is_not_recognised(tmp_path: Path) -> None:
    assert not recognise(FolderRoot(tmp_path))


def test_a_single_later_page_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "messages7.html").write_bytes(writer.page(writer.message(1)))

    assert recognise(FolderRoot(tmp_path))


def test_links_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    at = tmp_path / "export"
    at.mkdir()
    (at / "messages.html").write_bytes(writer.page(writer.message(1)))
    (at / "photos").mkdir()
    (at / "photos/a.jpg").symlink_to(tmp_path / "secret")
    (at / "messages2.html").symlink_to(tmp_path / "secret")
    source = export(at)

    assert [file.name for file in source.media()] == ["messages.html"]
    found = read(source)

    assert Finding(FindingKind.REFUSED_PATH, "photos/a.jpg", NOT_PLAIN) in found
    with pytest.raises(HostilePathError):
        source.open_media("photos/a.jpg")


def test_the_fingerprint_changes_with_files_and_zone(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "vienna", tmp_path / "a")
    before = export(tmp_path / "a").info().fingerprint

    assert before == export(tmp_path / "a").info().fingerprint
    assert before != export(tmp_path / "a", source_tz="Europe/Vienna").info().fingerprint
    (tmp_path / "a/messages.html").write_bytes(b'<div class="page_wrap"><div class="page_header">')
    assert before != export(tmp_path / "a").info().fingerprint


class Unstamped(FolderRoot):
    """A folder on a file system that tells no change."""

    def walk(self, folders: Iterable[str]) -> Iterator[MediaFile]:
        return (MediaFile(file.name, file.size) for file in super().walk(folders))


def test_where_files_tell_no_change_there_is_no_fingerprint() -> None:
    source = HtmlExport(Unstamped(SAMPLES / "two_pages"), source_tz=None, observed_at=None)

    assert source.info().fingerprint is None


def test_five_thousand_messages_are_read_in_a_moment(tmp_path: Path) -> None:
    words = "some words that are as long as <strong>many</strong> messages are, with a <a href='https://e.org'>link</a>"
    for number in range(1, 6):
        first = number * 1000
        messages = (
            writer.joined(first + n, words=words) if n % 3 else writer.message(first + n, words=words)
            for n in range(1000)
        )
        (tmp_path / f"messages{number if number > 1 else ''}.html").write_bytes(writer.page(*messages))
    source = export(tmp_path)
    begun = time.process_time()

    found = bodies(source)

    assert len(found) == 5000
    # A quarter of a second here; the limit is for machines of all kinds.
    assert time.process_time() - begun < 5
