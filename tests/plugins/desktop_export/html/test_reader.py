import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.html import writer
from tgvault.api import Finding, FindingKind, MediaRef, Message
from tgvault_plugins.desktop_export.html.reader import PageReader, last_time

PLAIN = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\u2028\u2029"))


def read(page: bytes, *, folder: str = "", zone: str | None = None) -> tuple[list[dict[str, object]], list[Finding]]:
    reader = PageReader("messages.html", folder=folder, zone=ZoneInfo(zone) if zone else None)
    records = list(reader.read(page))
    bodies = [json.loads(record.body) for record in records if isinstance(record, Message)]
    return bodies, [record for record in records if isinstance(record, Finding)]


def kinds(found: list[Finding]) -> list[tuple[FindingKind, str]]:
    return [(each.kind, each.subject) for each in found]


def test_a_message_is_written_in_the_order_of_the_json_export() -> None:
    whole = writer.message(3, "Ben ", writer.reply("#go_to_message2"), words="a")

    (body,), found = read(writer.page(writer.date(1, "14 November 2024"), whole))

    html = body.pop("html")
    assert list(body.items()) == [
        ("id", 3),
        ("type", "message"),
        ("date", "2024-11-14T11:12:45"),
        ("date_unixtime", "1731571965"),
        ("from", "Ben"),
        ("reply_to_message_id", 2),
        ("text", "a"),
        ("text_entities", [{"type": "plain", "text": "a"}]),
    ]
    start = whole.index('id="message3">\n') + len('id="message3">')
    assert html == {
        "time_confidence": "offset_only",
        "userpic": "userpic2",
        "raw": whole[start : whole.rindex("</div>")],
    }
    assert found == []


def test_a_body_is_one_line() -> None:
    reader = PageReader("messages.html", folder="", zone=None)

    (message,) = reader.read(writer.page(writer.message(1, words="a<br>b")))

    assert isinstance(message, Message)
    assert b"\n" not in message.body


def test_date_separators_are_no_messages_and_date_what_has_no_time() -> None:
    bodies, found = read(
        writer.page(
            writer.date(1, "13 November 2024"),
            writer.service(-999999995, "Ana joined Telegram"),
            writer.message(1, words="a"),
            writer.service(2, "Ana joined Telegram"),
        )
    )

    assert [body["id"] for body in bodies] == [-999999995, 1, 2]
    assert [body.get("date") for body in bodies] == [None, "2024-11-14T11:12:45", None]
    assert [body["html"].get("day") for body in bodies] == ["2024-11-13", None, "2024-11-14"]
    assert found == []


def test_a_joined_message_has_the_sender_of_the_one_before_it() -> None:
    bodies, found = read(
        writer.page(
            writer.message(1, "Ana ", words="a"),
            writer.message(2, "Ben via @gif", words="b", userpic="userpic5"),
            writer.joined(3, words="c"),
            writer.joined(4, words="d"),
        )
    )

    assert [(body["from"], body.get("via_bot"), body["html"]["userpic"]) for body in bodies[1:]] == [
        ("Ben", "@gif", "userpic5")
    ] * 3
    assert [body["html"].get("joined") for body in bodies] == [None, None, True, True]
    assert found == []


def test_a_joined_forward_has_the_origin_of_the_one_before_it() -> None:
    title = "14.11.2024 09:49:24 UTC+03:00"
    bodies, _ = read(
        writer.page(
            writer.message(1, "Ben ", writer.forward("News ", title, words="a")),
            writer.joined(2, writer.forward_on(words="b")),
            writer.joined(3, writer.forward("Cleo ", title, words="c")),
        )
    )

    assert [body["forwarded_from"] for body in bodies] == ["News", "News", "Cleo"]
    assert [body.get("forwarded_date") for body in bodies] == ["2024-11-14T09:49:24", None, "2024-11-14T09:49:24"]
    assert bodies[0]["forwarded_date_unixtime"] == "1731566964"


def test_a_joined_message_that_is_no_forward_has_no_origin() -> None:
    forward = writer.forward("News ", "14.11.2024 09:49:24", words="a")

    bodies, _ = read(writer.page(writer.message(1, "Ben ", forward), writer.joined(2, words="b")))

    assert "forwarded_from" not in bodies[1]


@pytest.mark.parametrize("between", [writer.date(1, "15 November 2024"), writer.service(2, "x"), ""])
def test_nobody_is_taken_for_a_sender_who_is_not_told(between: str) -> None:
    first = writer.message(1, "Ana ", words="a") if between else ""

    bodies, found = read(writer.page(first, between, writer.joined(3, words="c")))

    assert "from" not in bodies[-1]
    assert kinds(found) == [(FindingKind.LOST, "messages.html")]


def test_a_call_is_a_service_message_with_an_actor_and_goes_on_a_run() -> None:
    call = writer.media("media_call success", title="Ben", status="Outgoing (61 seconds)")

    bodies, _ = read(writer.page(writer.message(1, "Ana ", call), writer.joined(2, words="b")))

    assert (bodies[0]["type"], bodies[0]["actor"], bodies[0]["action"]) == ("service", "Ana", "phone_call")
    assert "from" not in bodies[0]
    assert bodies[1]["from"] == "Ana"


def test_times_are_told_by_the_zone_where_it_is_given() -> None:
    page = writer.page(
        writer.message(1, title="27.10.2024 02:50:00 UTC+01:00"),
        writer.message(2, title="27.10.2024 02:10:00 UTC+01:00"),
        writer.message(3, title=""),
    )

    bodies, _ = read(page, zone="Europe/Vienna")

    assert [body.get("date_unixtime") for body in bodies] == ["1729990200", "1729991400", None]
    assert [body["html"].get("time_confidence") for body in bodies] == ["zone", "zone", None]


def test_before_3_7_6_there_is_a_wall_clock_only() -> None:
    forward = writer.forward("News ", "14.11.2024 09:49:24", words="a")

    (body,), _ = read(writer.page(writer.message(1, "Ben ", forward, title="14.11.2024 11:12:45")))

    assert "date_unixtime" not in body
    assert "forwarded_date_unixtime" not in body
    assert body["html"]["time_confidence"] == "wall_clock_only"


def test_media_are_named_with_the_message() -> None:
    photo = writer.wrap('<a class="photo_wrap" href="../../chats/chat_07/photos/a.jpg"></a>')

    (message,) = PageReader("x", folder="chats/chat_07/", zone=None).read(writer.page(writer.message(1, "B", photo)))

    assert isinstance(message, Message)
    assert message.media == (MediaRef("photo", "chats/chat_07/photos/a.jpg"),)
    assert json.loads(message.body)["photo"] == "{chat}/photos/a.jpg"


def test_a_folder_that_is_numbered_otherwise_does_not_change_a_message() -> None:
    def page(folder: str) -> bytes:
        emoji = f'"{folder}" <a href = "../../{folder}stickers/x.tgs">😀</a>'
        return writer.page(
            writer.message(1, "B", writer.media("media_file", link=f"../../{folder}files/a"), words=emoji)
        )

    one, _ = read(page("chats/chat_7/"), folder="chats/chat_7/")
    two, _ = read(page("chats/chat_07/").replace(b'"chats/chat_07/"', b'"chats/chat_7/"'), folder="chats/chat_07/")

    assert one == two
    assert 'href="{chat}/files/a"' in one[0]["html"]["raw"]
    assert '"chats/chat_7/"' in one[0]["html"]["raw"]


def test_what_is_not_known_is_kept_and_told_of() -> None:
    odd = writer.message(1, "Ben ", writer.media("media_hologram"), "<b>x</b>").replace(
        "message default", "message strange"
    )

    (body,), found = read(writer.page(odd, "<hr>", writer.service(-5, "What is this?")))

    assert "media_hologram" in body["html"]["raw"]
    assert kinds(found) == [
        (FindingKind.UNKNOWN_TYPE, "markup"),
        (FindingKind.UNKNOWN_TYPE, "media_hologram"),
        (FindingKind.UNKNOWN_TYPE, "<b>"),
        (FindingKind.UNKNOWN_TYPE, "message strange clearfix"),
        (FindingKind.UNKNOWN_TYPE, "message-5"),
    ]


def test_links_out_of_the_export_are_told_of() -> None:
    _, found = read(writer.page(writer.message(1, "Ben ", writer.media("media_file", link="../a\u202eb"))))

    assert kinds(found) == [(FindingKind.REFUSED_PATH, "../a\ufffdb")]


def test_equal_findings_are_counted() -> None:
    _, found = read(writer.page(writer.message(1, words="<b>a</b><b>b</b>"), writer.message(2, words="<b>c</b>")))

    assert found == [Finding(FindingKind.UNKNOWN_TYPE, "<b> in text", "kept as it stands in the page", 3)]


def test_bytes_that_are_no_text_are_read_as_such() -> None:
    page = writer.page(writer.message(1, words="a§b"), writer.message(2, words="c")).replace("§".encode(), b"\xff\xfe")

    bodies, found = read(page)

    assert [body["text"] for body in bodies] == ["a\ufffd\ufffdb", "c"]
    assert kinds(found) == [(FindingKind.REPAIRED, "messages.html")]


def test_a_message_that_is_too_large_is_told_of() -> None:
    bodies, found = read(writer.page(writer.message(1, words="a" * (2 << 20)), writer.message(2, words="b")))

    assert [body["id"] for body in bodies] == [2]
    assert kinds(found) == [(FindingKind.LOST, "messages.html")]


def test_a_message_without_an_end_is_kept_where_the_page_goes_on() -> None:
    whole = writer.message(1, words="a")

    bodies, found = read(writer.page(whole[: whole.rindex("</div>")], writer.message(2, words="b")))

    assert [body["text"] for body in bodies] == ["a", "b"]
    assert kinds(found) == [(FindingKind.REPAIRED, "messages.html")]


def test_the_last_message_of_a_page_that_was_cut_off_is_left_out() -> None:
    page = writer.page(writer.message(1, words="a"), writer.message(2, words="bcd"))

    bodies, found = read(page[: page.index(b"bcd") + 2])

    assert [body["id"] for body in bodies] == [1]
    assert kinds(found) == [(FindingKind.TRUNCATED, "messages.html")]


def test_a_page_that_was_cut_off_between_messages_is_told_of() -> None:
    page = writer.page(writer.message(1, words="a"))

    bodies, found = read(page[: page.rindex(b"</div>\n\n    </div>")] + b"</div>")

    assert [body["id"] for body in bodies] == [1]
    assert kinds(found) == [(FindingKind.TRUNCATED, "messages.html")]


SENDERS = PLAIN.filter(
    lambda name: name and not name.endswith(" ") and " via @" not in name and name != "Deleted Account"
)


@given(st.lists(st.tuples(SENDERS, PLAIN), min_size=1, max_size=5))
def test_names_and_texts_come_back(parts: list[tuple[str, str]]) -> None:
    messages = [writer.message(n, f"{name} ", words=writer.text(words)) for n, (name, words) in enumerate(parts)]

    bodies, found = read(writer.page(*messages))

    assert [(body["from"], body["text"]) for body in bodies] == parts
    assert found == []


WHOLE = writer.page(
    writer.date(1, "14 November 2024"),
    writer.service(1, "Ana created group &laquo;A&raquo;"),
    writer.message(2, "Ben ", words="a &amp; <strong>b</strong>"),
    writer.joined(3, writer.wrap('<a class="photo_wrap" href="photos/a.jpg"><img src="t"/></a>'), words="c"),
    writer.message(4, "Ana ", writer.forward("News ", "14.11.2024 09:49:24 UTC+03:00", words="d")),
    writer.joined(5, writer.media("media_file", title="e.txt", status="1 KB", link="files/e.txt")),
    writer.message(6, "Ana ", words="é" * 40),
    following="messages2.html",
)
BODIES, _ = read(WHOLE)
ENDS = [WHOLE.index(f'id="message{n + 1}"'.encode()) for n in range(1, 6)]


@given(st.integers(0, len(WHOLE)))
def test_truncation_anywhere_loses_no_message_before_it(length: int) -> None:
    bodies, found = read(WHOLE[:length])

    complete = sum(length >= end for end in ENDS)
    assert bodies[:complete] == BODIES[:complete]
    assert bodies == BODIES[: len(bodies)]
    assert any(each.kind is FindingKind.TRUNCATED for each in found) or length >= len(WHOLE.rstrip())


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=30))
def test_damage_anywhere_loses_no_message_before_it(place: int, damage: bytes) -> None:
    bodies, _ = read(WHOLE[:place] + damage + WHOLE[place + len(damage) :])

    complete = sum(place >= end for end in ENDS)
    assert bodies[:complete] == BODIES[:complete]


@settings(max_examples=200)
@given(st.binary(max_size=400), st.integers(0, len(WHOLE)))
def test_whatever_stands_on_a_page_is_read_without_an_error(noise: bytes, place: int) -> None:
    bodies, _ = read(WHOLE[:place] + noise + WHOLE[place:])

    assert all(isinstance(body["id"], int) for body in bodies)


def test_the_time_of_the_last_message_is_found() -> None:
    page = writer.page(writer.message(1), writer.joined(2, title="15.11.2024 00:00:00"), writer.service(3, "x"))

    found = last_time(page)

    assert found is not None
    assert found.text == "2024-11-15T00:00:00"
    assert last_time(b"") is None
