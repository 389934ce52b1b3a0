from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tgvault.engine.selecting import EVERYTHING, Selection, message_time
from tgvault.model.records import ChatKey

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def body(time: datetime) -> bytes:
    return b'{"id":5,"date_unixtime":"%d"}' % time.timestamp()


def test_everything_is_taken_unless_something_is_asked_for() -> None:
    assert EVERYTHING.takes_all_messages
    assert EVERYTHING.takes_chat(ChatKey("user:1"))
    assert EVERYTHING.takes(None, b"{}")


def test_chats_are_taken_by_key() -> None:
    chosen = Selection(chats=frozenset({ChatKey("user:1")}))

    assert chosen.takes_chat(ChatKey("user:1"))
    assert not chosen.takes_chat(ChatKey("user:11"))
    assert chosen.takes_all_messages


def test_messages_are_taken_by_id() -> None:
    chosen = Selection(messages=frozenset({5}))

    assert not chosen.takes_all_messages
    assert chosen.takes(5, b"{}")
    assert not chosen.takes(6, b"{}")
    assert not chosen.takes(None, b"{}")


def test_a_range_has_its_beginning_and_not_its_end() -> None:
    chosen = Selection(since=NOON, until=NOON + timedelta(hours=1))

    assert chosen.takes(1, body(NOON))
    assert chosen.takes(1, body(NOON + timedelta(minutes=59)))
    assert not chosen.takes(1, body(NOON + timedelta(hours=1)))
    assert not chosen.takes(1, body(NOON - timedelta(seconds=1)))


def test_one_end_of_a_range_is_enough() -> None:
    assert Selection(since=NOON).takes(1, body(NOON + timedelta(days=9999)))
    assert not Selection(until=NOON).takes(1, body(NOON))


def test_a_message_of_the_right_id_and_the_wrong_time_is_not_taken() -> None:
    chosen = Selection(messages=frozenset({5}), since=NOON)

    assert not chosen.takes(5, body(NOON - timedelta(days=1)))
    assert chosen.takes(5, body(NOON))


def test_times_may_be_in_any_zone() -> None:
    here = timezone(timedelta(hours=5))

    assert Selection(since=NOON.astimezone(here)).takes(1, body(NOON))


def test_a_message_without_a_time_is_in_no_range() -> None:
    assert not Selection(since=datetime(1970, 1, 1, tzinfo=UTC)).takes(5, b'{"id":5,"type":"unsupported"}')


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (b'{"date_unixtime":"1767268800","date":"2020-01-01T00:00:00"}', NOON.timestamp()),
        (b'{"date_unixtime":1767268800}', NOON.timestamp()),
        (b'{"date":"2026-01-01T12:00:00"}', NOON.timestamp()),
        (b'{"date_unixtime":"-5"}', -5.0),
        (b'{"date_unixtime":"soon"}', None),
        (b'{"date_unixtime":[]}', None),
        (b'{"date":"yesterday"}', None),
        (b'{"date":null}', None),
        (b"{}", None),
        (b"[]", None),
        (b'{"date":"\xff"}', None),
    ],
)
def test_a_time_is_read_where_there_is_one(text: bytes, time: float | None) -> None:
    assert message_time(text) == time
