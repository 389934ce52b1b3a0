"""What tests of logins need: an account on a loopback server, secrets in memory, and a person who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.network import MTProtoSender
from telethon.tl.types import Username

from tgvault.errors import UsageError
from tgvault.testing.telegram import Account, LoopbackServer
from tgvault_plugins.takeout.config import TakeoutConfig

__all__ = ["API_HASH", "TOKEN", "Drawer", "Person", "ada", "config_of", "now", "quickly", "serving"]

API_HASH = "0123456789abcdef0123456789abcdef"
TOKEN = "700:AAAAbbbbCCCCddddEEEEffffGGGGhhhh"


class Drawer:
    """Secrets that live as long as the object, and how often they were written."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.written = 0

    def get(self, name: str) -> bytes | None:
        return self.values.get(name)

    def set(self, name: str, value: bytes) -> None:
        self.values[name] = value
        self.written += 1

    def delete(self, name: str) -> None:
        self.values.pop(name, None)


class Person:
    """Answers questions in this order, while there are answers, and remembers what was said.

    `on_code` is called with each code.
    """

    def __init__(self, *answers: str, on_code: Callable[[str], None] = lambda code: None) -> None:
        self.answers = list(answers)
        self.on_code = on_code
        self.told: list[str] = []
        self.asked: list[str] = []
        self.codes: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        if not self.answers:
            raise UsageError("there is no answer", hint="answer")
        return self.answers.pop(0)

    def ask_secret(self, question: str) -> str:
        return self.ask(f"(secret) {question}")

    def browse(self, address: str) -> None:
        self.told.append(address)

    def show_code(self, text: str) -> None:
        self.codes.append(text)
        self.on_code(text)


def ada(**more: Any) -> Account:
    """An account with a phone number, and a bot."""
    account = Account(**more)
    account.user(
        5, "Ada", "Lovelace", is_self=True, username="ada", phone="15550100", usernames=_names("ada", "countess")
    )
    account.user(700, "Helper", bot=True, bot_info_version=1, username="helper_bot")
    account.bot_tokens[TOKEN] = 700
    return account


@contextmanager
def serving(account: Account, **more: Any) -> Iterator[LoopbackServer]:
    """Start a server."""
    with LoopbackServer(account, **more) as server:
        yield server


def config_of(server: LoopbackServer, folder: Path, *, dc: int | None = None, **more: Any) -> TakeoutConfig:
    """The settings that lead to a server, at its home or another data centre."""
    keys = folder / "server.pem"
    keys.write_text(server.public_key)
    number = dc or server.home[0]
    host, port = server.places[number]
    return TakeoutConfig(server=f"{host}:{port}", server_dc=number, server_keys=keys, api_id=12345, **more)


def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Telethon give up at once where nobody listens."""
    made = MTProtoSender.__init__

    def impatient(self: object, *given: Any, **more: Any) -> None:
        made(self, *given, **{**more, "retries": 0, "delay": 0})

    monkeypatch.setattr(MTProtoSender, "__init__", impatient)


def now() -> datetime:
    return datetime.now(UTC)


def _names(*names: str) -> Sequence[Username]:
    return [Username(name, active=True) for name in names]
