"""A loopback Telegram for each test, and a client that asks it one thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from telethon import TelegramClient
from telethon.tl import functions

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import with_login
from tgvault.testing.telegram.fixtures import telegram, telegram_account, telegram_trust

__all__ = ["ask", "ask_in_takeout", "telegram", "telegram_account", "telegram_trust"]

Ask: TypeAlias = Callable[..., Any]


@pytest.fixture
def ask(telegram: LoopbackServer) -> Ask:
    """Log in, ask and give the answer, or the answers to several requests."""

    def ask(*requests: Any) -> Any:
        async def do(client: TelegramClient) -> list[Any]:
            return [await client(request) for request in requests]

        answers = with_login(telegram, do)
        return answers[0] if len(answers) == 1 else answers

    return ask


@pytest.fixture
def ask_in_takeout(telegram: LoopbackServer) -> Ask:
    """Ask as `ask` does, each request inside a takeout."""

    def ask(*requests: Any) -> Any:
        async def do(client: TelegramClient) -> list[Any]:
            takeout = (await client(functions.account.InitTakeoutSessionRequest())).id
            return [await client(functions.InvokeWithTakeoutRequest(takeout, request)) for request in requests]

        answers = with_login(telegram, do)
        return answers[0] if len(answers) == 1 else answers

    return ask
