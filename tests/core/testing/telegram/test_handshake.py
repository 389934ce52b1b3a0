"""Agreeing upon a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from telethon.crypto import AuthKey
from telethon.errors import SecurityError
from telethon.extensions import BinaryReader
from telethon.network.authenticator import do_authentication
from telethon.tl import functions, types

from tgvault.testing.telegram.handshake import Handshake


class Client:
    """What Telethon's authenticator sends with."""

    def __init__(self, handshake: Handshake, before: Callable[[Any], None]) -> None:
        self.handshake = handshake
        self.before = before

    async def send(self, request: Any) -> Any:
        self.before(request)
        answer = self.handshake.answer(BinaryReader(bytes(request)).tgread_object())
        return BinaryReader(bytes(answer)).tgread_object()


def agree(handshake: Handshake, before: Callable[[Any], None] = lambda request: None) -> AuthKey:
    key, _ = asyncio.run(do_authentication(Client(handshake, before)))
    return key


@pytest.mark.usefixtures("telegram_trust")
def test_both_sides_have_the_same_key() -> None:
    handshake = Handshake()

    key = None
    while key is None:
        try:
            key = agree(handshake)
        except (AssertionError, SecurityError):  # one in 256: the key began with a zero
            continue

    assert key.key == handshake.key


@pytest.mark.usefixtures("telegram_trust")
def test_a_key_that_begins_with_a_zero_is_made_anew() -> None:
    handshake = Handshake()
    answers: list[Any] = []

    def begin_with_a_zero(request: Any) -> None:
        if isinstance(request, functions.SetClientDHParamsRequest):
            # Any number to the power of 0 is 1.
            handshake._secret = 0
            answers.append(handshake.answer(BinaryReader(bytes(request)).tgread_object()))

    with pytest.raises(SecurityError):
        agree(handshake, begin_with_a_zero)

    assert [type(each) for each in answers] == [types.DhGenRetry]
    assert handshake.key is None


def test_what_is_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="not a step"):
        Handshake().answer(functions.PingRequest(1))


@pytest.mark.usefixtures("telegram_trust")
def test_data_that_were_changed_on_the_way_are_refused() -> None:
    def spoil(request: Any) -> None:
        if isinstance(request, functions.ReqDHParamsRequest):
            handshake._server_nonce += 1

    handshake = Handshake()

    with pytest.raises(ValueError, match="nonce"):
        agree(handshake, spoil)
