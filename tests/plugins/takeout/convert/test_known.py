"""Every field that is written is one that Telegram Desktop writes, and the reader of its exports finds nothing new."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import convert, message, service
from tests.plugins.takeout.convert.test_comparing import MEDIA
from tests.plugins.takeout.convert.test_service import _CASES

from tgvault.api import BEYOND
from tgvault_plugins.desktop_export.known import ACTIONS, MESSAGE_FIELDS, SERVICE_FIELDS
from tgvault_plugins.desktop_export.strict import known


def _without_beyond(body: bytes) -> bytes:
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    fields.pop(BEYOND, None)
    return msgspec.json.encode([fields])


@pytest.mark.parametrize("action", [action for action, _, _ in _CASES], ids=lambda each: type(each).__name__)
def test_fields_of_actions_are_known(action: Any) -> None:
    body = convert(service(action)).body
    found = msgspec.json.decode(body)

    assert set(found) <= SERVICE_FIELDS | {BEYOND}
    assert found.get("action", "pin_message") in ACTIONS
    assert known(_without_beyond(body))


@pytest.mark.parametrize("media", MEDIA)
def test_fields_of_media_are_known(media: str) -> None:
    sent, _ = MEDIA[media]
    body = convert(sent).body

    assert set(msgspec.json.decode(body)) <= MESSAGE_FIELDS | {BEYOND}
    assert known(_without_beyond(body))


def test_an_empty_message_is_known() -> None:
    assert known(_without_beyond(convert(types.MessageEmpty(4, None)).body))
    assert known(_without_beyond(convert(message(media=types.MessageMediaUnsupported())).body))
