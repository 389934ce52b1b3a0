"""Fixtures for pytest: put `pytest_plugins = ["tgvault.testing.telegram.fixtures"]` into the top `conftest.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.client import trusted
from tgvault.testing.telegram.demo import demo_account
from tgvault.testing.telegram.server import LoopbackServer

__all__ = ["telegram", "telegram_account", "telegram_trust"]


@pytest.fixture
def telegram_trust() -> Iterator[None]:
    """Let Telethon trust loopback servers for one test; see `tgvault.testing.telegram.client.trusted`."""
    with trusted():
        yield


@pytest.fixture
def telegram_account() -> Account:
    """Give the account that `telegram` serves; override it to serve another."""
    return demo_account()


@pytest.fixture
def telegram(telegram_account: Account, telegram_trust: None) -> Iterator[LoopbackServer]:
    """Give a running server with an account; mistakes of the server itself fail the test."""
    with LoopbackServer(telegram_account) as server:
        yield server
