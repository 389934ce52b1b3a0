"""Choosing chats and files as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from tgvault.api import Chat
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FileRow, FileState

__all__ = ["LEFT_OUT_REASONS", "choose_again", "chooser", "is_wanted"]

NOT_INCLUDED = "not included"
TOO_BIG = "too big"
#: The ledger's name for the sorts and sizes of files that the last run wanted.
_CHOICE = "choice"
#: Why the settings leave a file out.
LEFT_OUT_REASONS = frozenset({NOT_INCLUDED, TOO_BIG})


def is_wanted(
    chat: Chat, config: TakeoutConfig, *, usernames: Collection[str], folders: Collection[str], left: bool
) -> bool:
    """Tell whether a chat is to be read."""
    if left and not config.left:
        return False
    if config.chat_types is not None and chat.type not in config.chat_types:
        return False
    # A chat without a name, such as the account's own, is found by its type.
    said = {"chat_type": chat.type or "", "title": chat.title or "", "usernames": usernames, "folders": folders}
    number = chat.id or 0
    if any(each.matches(chat.kind, number, **said) for each in config.unwanted):  # type: ignore[arg-type]
        return False
    wanted = config.wanted
    return wanted is None or any(each.matches(chat.kind, number, **said) for each in wanted)  # type: ignore[arg-type]


def chooser(config: TakeoutConfig) -> Callable[[RemoteFile], str | None]:
    """Make what tells why a file is not to be fetched; None for those that are."""
    largest = {kind: config.largest(kind) if config.fetches(kind) else -1 for kind in FileKind}

    def decide(file: RemoteFile) -> str | None:
        limit = largest[file.kind]
        if limit < 0:
            return NOT_INCLUDED
        return TOO_BIG if file.size > limit else None

    return decide


def choose_again(ledger: Ledger, config: TakeoutConfig) -> None:
    """Have those messages asked for again whose files are missing, or were left out and are wanted now.

    What an earlier run wanted and could not fetch, and the settings leave out now, is given up.
    """
    chosen = msgspec.msgpack.encode([(kind, config.fetches(kind), config.largest(kind)) for kind in FileKind])
    names: list[str] = []
    decide = chooser(config)
    if ledger.fact(_CHOICE) != chosen:
        names = [row.remote.name for row in ledger.files.every(FileState.LEFT_OUT) if decide(row.remote) is None]
        for state in (FileState.WANTED, FileState.MISSING):
            for row in ledger.files.every(state):
                if reason := decide(row.remote):
                    ledger.files.leave_out(FileRow(row.remote, FileState.LEFT_OUT, reason))
    with ledger.transaction():
        ledger.files.ask_again(left_out_names=names)
        ledger.set_fact(_CHOICE, chosen)
