"""What a file proves to be complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples.json.dialect import dump
from samples.json.reading import Reading, read_text

SELF, OTHER = "user77", "user88"
PHOTO = {"photo": "photos/photo_1@1.jpg"}


def _message(number: int, sender: object = SELF, **fields: object) -> dict[str, object]:
    return {"id": number, "type": "message", "date_unixtime": "1", "from_id": sender, **fields}


def _account(folder: Path, kind: str, *messages: object, section: str = "chats", owner: int | None = 77) -> Reading:
    person = {"personal_information": {"user_id": owner}} if owner else {"contacts": {"list": []}}
    chat = {"name": "A", "type": kind, "id": 5, "messages": list(messages)}
    return read_text(folder, dump({**person, section: {"list": [chat]}}))


def _covered(reading: Reading) -> list[tuple[int, int]]:
    (ranges,) = reading.coverage.values()
    return ranges


@pytest.mark.parametrize("kind", ["personal_chat", "bot_chat", "saved_messages"])
def test_chats_of_two_are_whole_in_an_account(kind: str, tmp_path: Path) -> None:
    assert _covered(_account(tmp_path, kind, _message(3), _message(9))) == [(3, 9)]


@pytest.mark.parametrize("kind", ["private_group", "private_supergroup"])
def test_a_private_group_is_whole_if_somebody_else_speaks_in_it(kind: str, tmp_path: Path) -> None:
    assert _covered(_account(tmp_path, kind, _message(3), _message(9, OTHER))) == [(3, 9)]
    assert _covered(_account(tmp_path, kind, _message(3), _message(9))) == []


def test_being_named_in_a_reaction_or_a_forward_is_not_speaking(tmp_path: Path) -> None:
    reactions = [{"type": "emoji", "recent": [{"from_id": OTHER}]}]
    quiet = _message(9, reactions=reactions, forwarded_from_id=OTHER)

    assert _covered(_account(tmp_path, "private_group", _message(3), quiet)) == []


def test_an_anonymous_admin_is_nobody_else(tmp_path: Path) -> None:
    assert _covered(_account(tmp_path, "private_supergroup", _message(3, "channel5"))) == []


def test_a_service_message_speaks_through_its_actor_alone(tmp_path: Path) -> None:
    near = {"id": 1, "type": "service", "action": "proximity_reached", "from_id": OTHER, "to_id": SELF}
    pinned = {"id": 2, "type": "service", "action": "pin_message", "actor_id": OTHER}

    assert _covered(_account(tmp_path, "private_group", near)) == []
    assert _covered(_account(tmp_path, "private_group", near, pinned)) == [(1, 2)]


def test_nobody_else_can_be_told_without_an_account(tmp_path: Path) -> None:
    assert _covered(_account(tmp_path, "private_group", _message(1, OTHER), owner=None)) == []


@pytest.mark.parametrize("kind", ["public_supergroup", "public_channel", "private_channel", "replies", None, "novel"])
def test_other_chats_of_an_account_are_never_whole(kind: str, tmp_path: Path) -> None:
    reading = _account(tmp_path, kind, _message(1, OTHER), _message(2, "channel5"))

    assert _covered(reading) == []


def test_chats_already_left_are_never_whole(tmp_path: Path) -> None:
    assert _covered(_account(tmp_path, "personal_chat", _message(1, OTHER), section="left_chats")) == []


@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "message"}, _message(2)],
        [_message(2), {"type": "message"}],
        [_message(5), _message(2)],
        [],
    ],
)
def test_ids_that_are_missing_or_out_of_order_prove_nothing(messages: list[object], tmp_path: Path) -> None:
    assert _covered(_account(tmp_path, "personal_chat", *messages)) == []


@pytest.mark.parametrize("kind", ["personal_chat", "private_group", "private_channel", "public_channel"])
def test_an_export_of_one_chat_is_whole_between_its_ends(kind: str, tmp_path: Path) -> None:
    chat = {"name": "A", "type": kind, "id": 5, "messages": [_message(4, OTHER), _message(9, OTHER)]}

    assert _covered(read_text(tmp_path, dump(chat))) == [(4, 9)]


def test_a_public_group_alone_may_be_one_of_its_topics(tmp_path: Path) -> None:
    chat = {"name": "A", "type": "public_supergroup", "id": 5, "messages": [_message(4, OTHER)]}

    assert _covered(read_text(tmp_path, dump(chat))) == []


def test_a_public_group_with_files_beside_it_is_no_topic(tmp_path: Path) -> None:
    chat = {"name": "A", "type": "public_supergroup", "id": 5, "messages": [_message(4, OTHER, **PHOTO)]}

    assert _covered(read_text(tmp_path, dump(chat))) == [(4, 4)]


def test_numbers_as_senders_are_understood_in_their_era(tmp_path: Path) -> None:
    def old(number: int, sender: int) -> dict[str, object]:
        return {"id": number, "type": "message", "from_id": sender}

    bits = 1 << 32
    own = _account(tmp_path, "private_group", old(1, bits + 77), old(2, 77), old(3, (2 << 32) + 5))
    other = _account(tmp_path, "private_group", old(1, bits + 77), old(2, bits + 88))

    assert _covered(own) == []
    assert _covered(other) == [(1, 2)]


def test_a_speaker_is_found_among_illegal_text(tmp_path: Path) -> None:
    reading = _account(tmp_path, "private_group", _message(1, text="\x01"), _message(2, OTHER))

    assert _covered(reading) == [(1, 2)]


def test_damaged_messages_prove_nothing(tmp_path: Path) -> None:
    text = dump(
        {
            "personal_information": {"user_id": 77},
            "chats": {
                "list": [{"name": "A", "type": "private_group", "id": 5, "messages": [_message(1, OTHER, text="@")]}]
            },
        }
    )

    assert _covered(read_text(tmp_path, text.replace('"@"', "@"))) == []
