from __future__ import annotations

from telethon.tl import types
from tests.plugins.takeout.convert.support import T0, at, convert, document, message, photo, told


def test_a_giveaway_tells_its_terms() -> None:
    media = types.MessageMediaGiveaway(
        [1987654321], 10, at(T0), only_new_subscribers=True, countries_iso2=["AT"], months=3
    )

    found = told(message(media=media))
    assert list(found["giveaway_information"].items()) == [
        ("quantity", 10),
        ("months", 3),
        ("until_date", "2024-11-14T09:12:44"),
        ("channels", [1987654321]),
        ("countries", ["AT"]),
        ("additional_prize", ""),
        ("stars", 0),
        ("is_only_new_subscribers", True),
    ]
    assert found["api"]["giveaway"] == {"until_date_unixtime": str(T0)}


def test_the_end_of_a_giveaway_tells_who_won() -> None:
    media = types.MessageMediaGiveawayResults(
        1987654321, 38, 1, 0, [100000003], at(T0), stars=500, prize_description="P"
    )

    found = told(message(media=media))["giveaway_results"]
    assert list(found.items()) == [
        ("channel", 1987654321),
        ("winners", [100000003]),
        ("additional_prize", "P"),
        ("until_date", "2024-11-14T09:12:44"),
        ("launch_message_id", 38),
        ("additional_peers_count", 0),
        ("winners_count", 1),
        ("unclaimed_count", 0),
        ("months", 0),
        ("stars", 500),
        ("is_refunded", False),
        ("is_only_new_subscribers", False),
    ]


def test_media_that_were_paid_for_are_files_and_others_are_hinted_at() -> None:
    film = document(types.DocumentAttributeVideo(2, 6, 4), mime="video/mp4")
    media = types.MessageMediaPaidMedia(
        50,
        [
            types.MessageExtendedMedia(types.MessageMediaPhoto(photo=photo(), spoiler=True)),
            types.MessageExtendedMedia(types.MessageMediaDocument(document=film, video_timestamp=1)),
            types.MessageExtendedMediaPreview(w=640, h=480, video_duration=3),
            types.MessageExtendedMedia(types.MessageMediaEmpty()),
        ],
    )

    found = told(message(media=media))
    assert found["paid_stars_amount"] == 50
    assert found["api"]["paid"][0]["photo"] == "{chat}/photos/photo_77.jpg"
    assert found["api"]["paid"][1]["video_timestamp"] == 1
    assert found["api"]["paid"][2] == {"preview": {"width": 640, "height": 480, "duration": 3}}
    assert found["api"]["paid"][3] == {"_": "MessageMediaEmpty"}
    assert [file.field for file in convert(message(media=media)).files] == ["api/paid/0/photo", "api/paid/1/file"]


def test_a_sort_of_paid_media_that_is_new_is_kept() -> None:
    media = types.MessageMediaPaidMedia(50, [types.MessageMediaEmpty()])

    assert told(message(media=media))["api"]["paid"] == [{"_": "MessageMediaEmpty"}]
