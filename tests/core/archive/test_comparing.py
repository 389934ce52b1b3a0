from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.comparing import Compared, compare, fill_missing
from tgvault.archive.segments import Media, Stored

A, B = "aa" * 32, "bb" * 32
PHOTO = Media("{chat}/photos/1.jpg", 7, A)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["text", "edited_unixtime", "date_unixtime", "poll", "photo", "file", "rich_message", "place_name", "width"]
)


def stored(media: dict[str, Media] | None = None, **fields: object) -> Stored:
    body = {"id": 5, "date_unixtime": "1000", **fields}
    return Stored(5, json.dumps(body).encode(), media or {})


SAME = Compared(edited=False, edit_order=0, same_date=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"text": "a"}, {"text": "b"}),
        ({"text": ["a", {"type": "bold", "text": "b"}]}, {"text": ["a", {"type": "bold", "text": "c"}]}),
        ({"poll": {"question": "a"}}, {"poll": {"question": "b"}}),
        ({"poll": {"question": "a", "answers": [{"text": "x"}]}}, {"poll": {"question": "a", "answers": ["y"]}}),
        ({"location_information": {"latitude": 1}}, {"location_information": {"latitude": 2}}),
        ({"inline_bot_buttons": [[1]]}, {"inline_bot_buttons": [[2]]}),
        ({"contact_information": {"phone_number": "+1 5"}}, {"contact_information": {"phone_number": "+1 6"}}),
        ({"rich_message": {"blocks": [{"text": "a"}]}}, {"rich_message": {"blocks": [{"text": "b"}]}}),
        (
            {"text": [{"type": "link", "text": "a"}], "edited_unixtime": "2000"},
            {"text": [{"type": "text_link", "text": "a", "href": "b"}], "edited_unixtime": "3000"},
        ),
        ({"place_name": "a", "edited_unixtime": "2000"}, {"edited_unixtime": "3000"}),
    ],
)
def test_what_somebody_changed_is_an_edit(before: dict[str, object], after: dict[str, object]) -> None:
    assert compare(stored(**before), stored(**after)).edited


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"text": "a"}, {"text": "a", "reactions": [{"emoji": "x", "count": 2}]}),
        ({"text": "a", "from": "Ada"}, {"text": "a", "from": "Ada L."}),
        (
            {"contact_information": {"first_name": "Ben", "phone_number": "+43 664 123 45"}},
            {"contact_information": {"first_name": "Ben", "phone_number": "+43 6641 2345"}},
        ),
        (
            {"rich_message": {"blocks": [{"type": "photo", "photo": "a.jpg", "access_hash": 5}]}},
            {"rich_message": {"blocks": [{"type": "photo", "photo_skip_reason": "file_size"}]}},
        ),
        ({"text": "a"}, {"text": [{"type": "plain", "text": "a"}]}),
        ({"text": [{"type": "link", "text": "a"}]}, {"text": [{"type": "text_link", "text": "a", "href": "b"}]}),
        ({"text": "a"}, {"text": "a", "place_name": "a field of a later exporter"}),
        ({"poll": {"question": "a", "total_voters": 1}}, {"poll": {"question": "a", "total_voters": 2}}),
        ({"photo": "a.jpg", "width": 5}, {"photo": "(File not included)", "width": 5}),
        ({"text": "a"}, {"text": "b", "rich_message": {"blocks": []}}),
        ({"text": "a", "edited_unixtime": "1"}, {"text": "a", "edited_unixtime": "2"}),
    ],
)
def test_what_changes_by_itself_is_no_edit(before: dict[str, object], after: dict[str, object]) -> None:
    assert not compare(stored(**before), stored(**after)).edited


def test_another_file_in_the_same_place_is_an_edit() -> None:
    assert compare(stored({"photo": PHOTO}), stored({"photo": Media("b", 9, B)})).edited
    assert not compare(stored({"photo": PHOTO}), stored({"photo": Media("renamed", 7, A)})).edited
    assert not compare(stored({"photo": PHOTO}), stored({"photo": Media("b", missing="too big")})).edited
    assert not compare(stored({"photo": PHOTO}), stored({"file": Media("b", 9, B)})).edited


def known(number: int | None) -> dict[str, object]:
    """What the API knows of the photo of a message."""
    return {"media": {"photo": {"id": number}}} if number else {"views": 5}


@pytest.mark.parametrize(("number", "edited"), [(2, True), (None, True), (1, False)])
def test_a_photo_that_was_replaced_or_taken_away_is_an_edit_though_the_new_one_is_not_there(
    number: int | None, edited: bool
) -> None:
    before = stored({"photo": PHOTO}, photo="a", api=known(1))
    after = stored({"photo": Media("b", missing="too big")} if number else {}, api=known(number))

    assert compare(before, after).edited is edited
    assert compare(after, before).edited is edited


@pytest.mark.parametrize("beyond", [[], {"media": []}, {"media": {"photo": 5}}, {"media": {"photo": {"id": "1"}}}])
def test_what_is_no_id_of_a_file_does_not_stop_the_comparison(beyond: object) -> None:
    assert compare(stored({"photo": PHOTO}, api=known(1)), stored(api=beyond)).edited


def test_a_photo_that_an_edit_took_away_is_an_edit_where_nobody_tells_ids() -> None:
    before = stored({"photo": PHOTO}, photo="a")

    assert compare(before, stored(edited_unixtime="2000")).edited
    assert not compare(before, stored()).edited


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [("2", "3", -1), ("3", "2", 1), ("2", "2", 0), (None, "2", -1), ("2", None, 1), (None, None, 0)],
)
def test_the_time_of_the_last_edit_says_which_is_newer(one: str | None, other: str | None, order: int) -> None:
    times = [{} if each is None else {"edited_unixtime": each} for each in (one, other)]

    assert compare(stored(**times[0]), stored(**times[1])).edit_order == order


@pytest.mark.parametrize("value", ["soon", "", "-5", "٣", "9" * 5000, [1], {"a": 1}, 1e300, None, True])
def test_a_time_that_is_none_is_passed_over(value: object) -> None:
    assert compare(stored(edited_unixtime=value), stored()).edit_order == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1000", "1000", True), ("1000", "1001", False), ("1000", None, True), ("1000", "0", True), ("1000", 1000, True)],
)
def test_two_dates_are_two_messages(one: object, other: object, same: bool) -> None:
    assert compare(stored(date_unixtime=one), stored(date_unixtime=other)).same_date is same


def test_a_date_that_is_no_date_does_not_stop_the_comparison() -> None:
    assert compare(stored(date_unixtime=["1000"]), stored(date_unixtime={"a": 1})).edited is False


@pytest.mark.parametrize("body", [b'{"text":"\xff"}', b'{"text":"\\ud800"}', b'{"a":' * 2000 + b"}" * 2000, b"[1]"])
def test_a_body_that_cannot_be_read_is_compared_as_a_whole(body: bytes) -> None:
    one, other = Stored(5, body, {}), stored(text="a")

    assert compare(one, other).edited
    assert compare(one, one) == SAME
    assert fill_missing(one, Stored(5, body, {"photo": PHOTO})) is None


@given(st.dictionaries(NAMES, JSON, max_size=6), st.dictionaries(NAMES, JSON, max_size=6))
def test_no_body_stops_the_comparison_and_one_that_is_equal_is_no_edit(
    one: dict[str, object], other: dict[str, object]
) -> None:
    first, second = stored(**one), stored(**other)

    there, back = compare(first, second), compare(second, first)

    assert compare(first, first) == SAME
    assert (there.edited, there.edit_order, there.same_date) == (back.edited, -back.edit_order, back.same_date)


def test_a_file_that_is_missing_is_filled_from_an_older_observation() -> None:
    newer = stored({"photo": Media("x", missing="too big")}, photo="(File exceeds maximum size.)", photo_file_size=0)
    older = stored({"photo": PHOTO}, photo="{chat}/photos/1.jpg", photo_file_size=7)

    assert fill_missing(newer, older) == {"photo": Media("{chat}/photos/1.jpg", 7, A, filled=True)}


def test_other_notes_of_the_newer_one_stay_beside_the_filled_one() -> None:
    newer = stored({"thumbnail": Media("t", 3, B)}, file="(File not included.)", thumbnail="t")
    older = stored({"file": PHOTO}, file="a.mp4")

    assert fill_missing(newer, older) == {
        "thumbnail": Media("t", 3, B),
        "file": Media("{chat}/photos/1.jpg", 7, A, filled=True),
    }


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (stored(), stored({"photo": PHOTO}, photo="a")),
        (stored(photo="x", photo_file_size=9), stored({"photo": PHOTO}, photo="a", photo_file_size=7)),
        (stored(file="x", file_size=9), stored({"file": PHOTO}, file="a", file_size=7)),
        (stored(photo="x", width=9), stored({"photo": PHOTO}, photo="a", width=7)),
        (stored(file="x", file_name="b.mp4"), stored({"file": PHOTO}, file="a", file_name="a.mp4")),
        (stored({"photo": PHOTO}, photo="x"), stored({"photo": PHOTO}, photo="a")),
        (stored(photo="x"), stored({"photo": Media("a", missing="too big")}, photo="a")),
        (stored(text_entities=[]), stored({"text_entities/0/document_id": PHOTO}, text_entities=[])),
        (stored(photo="x"), stored(photo="a")),
        (stored(photo="x", api=known(2)), stored({"photo": PHOTO}, photo="a", api=known(1))),
    ],
)
def test_nothing_is_filled_where_it_may_be_another_file(newer: Stored, older: Stored) -> None:
    assert fill_missing(newer, older) is None
