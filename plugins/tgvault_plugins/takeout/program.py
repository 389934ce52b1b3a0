"""Which program this is to Telegram: the `api_id` and the `api_hash` of its user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar

import msgspec

from tgvault.api import Conversation, SecretError, Secrets, StateError, UsageError
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.questions import right_answer_to
from tgvault_plugins.takeout.veiled import Veiled

__all__ = [
    "API_HASH_VARIABLE",
    "API_ID_VARIABLE",
    "PROGRAM",
    "Program",
    "asked_program",
    "keep_program",
    "said_program",
]

API_ID_VARIABLE = "TGVAULT_TELEGRAM_API_ID"
API_HASH_VARIABLE = "TGVAULT_TELEGRAM_API_HASH"

#: The name of the secret in which a program is kept that Telegram has taken.
PROGRAM = "program"

_SITE = "https://my.telegram.org/apps"
_API_HASH = re.compile(r"[0-9a-f]{32}")
_COPY = f"copy it from {_SITE}"


class Program(Veiled, frozen=True):
    """What is known of a program so far; 0 and an empty text stand for what is not."""

    VEILED: ClassVar[frozenset[str]] = frozenset({"api_id", "api_hash"})

    api_id: int = 0
    api_hash: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether nothing has to be asked."""
        return bool(self.api_id and self.api_hash)


def said_program(config: TakeoutConfig, secrets: Secrets, environment: Mapping[str, str]) -> Program:
    """Give what the environment and the settings say, and what an earlier login was told besides.

    Raises:
        UsageError: it cannot be right, or one says something else than the other.
    """
    text = environment.get(API_ID_VARIABLE)
    api_id = _api_id(text) if text else config.api_id or 0
    if config.api_id not in (None, api_id):
        raise UsageError(
            f"`{API_ID_VARIABLE}` is not the `api_id` of the source in vault.toml", hint="say it in one of the two"
        )
    secret = environment.get(API_HASH_VARIABLE)
    known = _kept(secrets)
    if not secret and api_id in (0, known.api_id):
        return known if known.is_known else Program(api_id)
    return Program(api_id, _api_hash(secret) if secret else "")


def asked_program(said: Program, talk: Conversation) -> Program:
    """Ask for what is not known.

    Raises:
        UsageError: there is nobody to be asked, or the answers cannot be right.
    """
    if said.is_known:
        return said
    talk.tell(f"Telegram wants every program to have an api_id and an api_hash. Make your own at {_SITE}")
    number = said.api_id or right_answer_to(lambda: talk.ask("api_id"), _api_id, talk=talk)
    text = said.api_hash or right_answer_to(lambda: talk.ask_secret("api_hash"), _api_hash, talk=talk)
    return Program(number, text)


def keep_program(program: Program, secrets: Secrets) -> None:
    """Keep a program that Telegram has taken, so that a login that fails has it typed in vain only once."""
    # Where there is no room it is asked for again.
    with suppress(StateError):
        secrets.set(PROGRAM, msgspec.msgpack.encode(program))


def _kept(secrets: Secrets) -> Program:
    # One that cannot be read, or is of another version, is as good as none.
    with suppress(SecretError, msgspec.DecodeError):
        data = secrets.get(PROGRAM)
        return msgspec.msgpack.decode(data, type=Program) if data is not None else Program()
    return Program()


def _api_id(text: str) -> int:
    number = text.strip()
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 11 and 0 < int(number) < 1 << 31):
        raise UsageError("the `api_id` is no number", hint=_COPY)
    return int(number)


def _api_hash(text: str) -> str:
    secret = text.strip().lower()
    if not _API_HASH.fullmatch(secret):
        raise UsageError("the `api_hash` is not 32 digits and letters a to f", hint=_COPY)
    return secret
