import pytest
from msgspec import UNSET

from samples.html import writer
from tgvault.api import MediaRef
from tgvault_plugins.desktop_export.html.body import Contact, Place
from tgvault_plugins.desktop_export.html.media import read_media
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.tags import elements, parse

NOT_INCLUDED = "Not included, change data exporting settings to download."


def read(markup: str, *, folder: str = "") -> Reading:
    reading = Reading(1, "message", folder=folder)
    read_media(reading, next(elements(parse(markup))))
    return reading


def told(reading: Reading) -> dict[str, object]:
    names = reading.body.__struct_fields__
    return {name: value for name in names[2:] if (value := getattr(reading.body, name)) is not UNSET}


def test_a_photo_is_its_link_and_not_its_preview() -> None:
    picture = '<img class="photo" src="photos/a_thumb.jpg" style="width: 1px"/>'

    found = read(writer.wrap(f'<a class="photo_wrap clearfix pull_left" href="photos/a&amp;b.jpg">{picture}</a>'))

    assert told(found) == {"photo": "photos/a&b.jpg"}
    assert found.media == [MediaRef("photo", "photos/a&b.jpg")]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("sticker", "sticker", {"file": "s/a.webp", "media_type": "sticker"}),
        ("animated", "animation", {"file": "s/a.webp", "media_type": "animation", "thumbnail": "s/t.jpg"}),
        ("video_file", "video_file", {"file": "s/a.webp", "media_type": "video_file", "thumbnail": "s/t.jpg"}),
    ],
)
def test_shown_files_are_their_links(name: str, kind: str, expected: dict[str, object]) -> None:
    inner = f'<div class="video_play_bg"></div><img class="{name}" src="s/t.jpg"/>'

    found = read(writer.wrap(f'<a class="{name}_wrap clearfix pull_left" href="s/a.webp">{inner}</a>'))

    assert told(found) == expected


def test_a_videos_length_is_told() -> None:
    inner = '<div class="video_duration">\n1:02:03\n        </div>'

    found = read(writer.wrap(f'<a class="video_file_wrap" href="video_files/a.mp4">{inner}</a>'))

    assert found.body.duration_seconds == 3723


@pytest.mark.parametrize(
    ("description", "reason", "words"),
    [
        (NOT_INCLUDED, "not included", "(File not included. Change data exporting settings to download.)"),
        (
            "Exceeds maximum size, change data exporting settings to download.",
            "too big",
            "(File exceeds maximum size. Change data exporting settings to download.)",
        ),
        ("Unavailable, please try again later.", "unavailable", "(File unavailable, please try again later)"),
    ],
)
def test_why_a_file_is_missing_is_told_in_the_words_of_the_json_export(
    description: str, reason: str, words: str
) -> None:
    found = read(writer.media("media_photo", title="Photo", description=description, status="960×1280, 88.1 KB"))

    assert told(found) == {"photo": words, "width": 960, "height": 1280}
    assert found.media == [MediaRef("photo", None, reason)]
    assert (found.html.title, found.html.description, found.html.status) == ("Photo", description, "960×1280, 88.1 KB")


def test_a_self_destructing_photo_is_unavailable() -> None:
    found = read(writer.media("media_photo", title="Self-destructing photo", status="Expired"))

    assert told(found) == {"photo": "(File unavailable, please try again later)"}


def test_a_photo_too_small_to_be_shown_is_a_photo() -> None:
    assert told(read(writer.media("media_photo", title="Photo", status="8x8", link="photos/a.jpg"))) == {
        "photo": "photos/a.jpg",
        "width": 8,
        "height": 8,
    }


@pytest.mark.parametrize(
    ("status", "link", "emoji"),
    [("🐈, 12.3 KB", "", "🐈"), ("🐈", "stickers/a.tgs", "🐈"), ("12.3 KB", "", UNSET), ("", "stickers/a.tgs", UNSET)],
)
def test_a_sticker_that_is_not_shown_is_a_sticker(status: str, link: str, emoji: object) -> None:
    found = read(writer.media("media_photo", title="Sticker", status=status, link=link, description=NOT_INCLUDED))

    assert (found.body.media_type, found.body.sticker_emoji) == ("sticker", emoji)
    assert found.body.photo is UNSET


@pytest.mark.parametrize(
    ("kind", "title", "status", "expected"),
    [
        ("media_voice_message", "Voice message", "00:07", {"media_type": "voice_message", "duration_seconds": 7}),
        ("media_video", "Video message", "00:05, 1 KB", {"media_type": "video_message", "duration_seconds": 5}),
        ("media_video", "Video file", "2:00:00", {"media_type": "video_file", "duration_seconds": 7200}),
        ("media_video", "Animation", "1 KB", {"media_type": "animation"}),
        ("media_video", "Self-destructing video", "Expired", {"media_type": "video_file"}),
        ("media_video", "Something new", "1 KB", {}),
        (
            "media_audio_file",
            "P – T",
            "03:20",
            {"media_type": "audio_file", "performer": "P", "title": "T", "duration_seconds": 200},
        ),
        (
            "media_audio_file",
            "P – Q – T",
            "03:20",
            {"media_type": "audio_file", "file_name": "P – Q – T", "duration_seconds": 200},
        ),
        ("media_audio_file", "Audio file", "03:20", {"media_type": "audio_file", "duration_seconds": 200}),
        ("media_file", "report.tar.gz", "1 KB", {"file_name": "report.tar.gz"}),
        ("media_file", "File", "1 KB", {}),
    ],
)
def test_kinds_of_files_are_told_apart(kind: str, title: str, status: str, expected: dict[str, object]) -> None:
    found = read(writer.media(kind, title=title, status=status, link="files/a"))

    assert told(found) == {"file": "files/a", **expected}


def test_a_video_message_has_a_thumbnail() -> None:
    found = read(writer.media("media_video", title="Video message", link="r/a.mp4", thumb="r/a_thumb.jpg"))

    assert found.media == [MediaRef("file", "r/a.mp4"), MediaRef("thumbnail", "r/a_thumb.jpg")]


@pytest.mark.parametrize(
    ("title", "contact"),
    [("Cleo ", Contact("Cleo", "", "+44 7400 000000")), ("Cleo Park", Contact("Cleo", "Park", "+44 7400 000000"))],
)
def test_a_contact_has_name_number_and_card(title: str, contact: Contact) -> None:
    found = read(writer.media("media_contact", title=title, status="+44 7400 000000 - vCard", link="contacts/c.vcard"))

    assert told(found) == {"contact_information": contact, "contact_vcard": "contacts/c.vcard"}
    assert found.media == [MediaRef("contact_vcard", "contacts/c.vcard")]


def test_places_have_coordinates_where_the_page_tells_them() -> None:
    link = "https://maps.google.com/maps?q=48.208200,-16.373800&ll=48.208200,-16.373800&z=16"
    place = Place(48.2082, -16.3738)

    located = read(writer.media("media_location", title="Location", status="48.208200, -16.373800", link=link))
    live = read(writer.media("media_live_location", title="Live location"))
    venue = read(writer.media("media_venue", title="Café", description="1 Rue", link=link))

    assert told(located) == {"location_information": place}
    assert told(live) == {"location_information": None}
    assert told(venue) == {"place_name": "Café", "address": "1 Rue", "location_information": place}
    assert located.media == []


def test_games_invoices_and_paid_media_are_told() -> None:
    link = "https://t.me/gamebot?game=g"

    game = read(writer.media("media_game", title="G", description="D", status=link, link=link))
    invoice = read(writer.media("media_invoice", title="T", description="D", status="€1.50"))
    paid = read(writer.media("media_invoice", status="⭐️50"))

    assert told(game) == {"game_title": "G", "game_description": "D", "game_link": link}
    assert told(invoice) == {"invoice_information": '{"title":"T","description":"D"}'}
    assert told(paid) == {"paid_stars_amount": 50}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Outgoing (61 seconds)", {"duration_seconds": 61}),
        ("Incoming", {}),
        ("Cancelled", {"discard_reason": "missed"}),
        ("Missed", {"discard_reason": "missed"}),
        ("Declined", {"discard_reason": "busy"}),
    ],
)
def test_calls_are_service_messages(status: str, expected: dict[str, object]) -> None:
    found = read(writer.media("media_call success", title="Ben", status=status))

    assert found.body.type == "service"
    assert told(found) == {"action": "phone_call", **expected}


def test_unknown_media_are_told_of_and_their_files_kept() -> None:
    found = read(writer.media("media_hologram", title="H", link="files/a") + "", folder="")

    assert found.unknown == ["media_hologram"]
    assert found.html.files == ["files/a"]
    assert found.media == [MediaRef("html/files/0", "files/a")]


def test_files_of_unknown_media_within_are_kept_too() -> None:
    inner = '<div class="new"><a href="a/1">x</a><a href="https://e.org">y</a><a>z</a><a href="a/2">x</a></div>'

    found = read(writer.wrap(inner))

    assert found.html.files == ["a/1", "a/2"]


def test_links_out_of_the_export_are_refused() -> None:
    found = read(writer.media("media_file", title="a", link="../../etc/passwd"))

    assert found.refused == ["../../etc/passwd"]
    assert found.media == [MediaRef("file", None, "refused")]
    assert found.body.file == "../../etc/passwd"


def test_paths_are_folded_in_a_chats_folder() -> None:
    found = read(writer.media("media_file", link="../../chats/chat_07/files/a"), folder="chats/chat_07/")

    assert found.body.file == "{chat}/files/a"
    assert found.media == [MediaRef("file", "chats/chat_07/files/a")]


def test_a_link_to_nothing_is_a_missing_file() -> None:
    found = read(writer.wrap('<a class="photo_wrap"></a>'))

    assert found.media == [MediaRef("photo", None, "unavailable")]
