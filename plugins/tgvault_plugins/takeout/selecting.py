"""Choosing chats and files as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from tgvault.api import Chat, ChatKind, Finding, FindingKind
from tgvault_plugins.takeout.choices import By, Selector
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FileRow, FileState

__all__ = ["CHATS", "EXCLUDE", "LEFT_OUT_REASONS", "ChatChoice", "choose_again", "chooser", "is_wanted"]

#: What findings about rules are told of.
CHATS, EXCLUDE = "the setting `chats`", "the setting `exclude`"

NOT_INCLUDED = "not included"
TOO_BIG = "too big"
#: The ledger's name for the sorts and sizes of files that the last run wanted.
_CHOICE = "choice"
#: The same for the times and authors of messages.
_SCOPE = "scope"
#: Why the settings leave a file out.
LEFT_OUT_REASONS = frozenset({NOT_INCLUDED, TOO_BIG})


class ChatChoice:
    """Chooses chats as the settings say, and remembers which of the rules have found none yet."""

    def __init__(self, config: TakeoutConfig) -> None:
        self._config = config
        self._wanted = dict(zip(config.chats or (), config.wanted or (), strict=True))
        self._unwanted = dict(zip(config.exclude, config.unwanted, strict=True))
        self._idle = {*self._wanted.values(), *self._unwanted.values()}

    def takes(self, chat: Chat, *, usernames: Collection[str], folders: Collection[str], left: bool) -> bool:
        """Tell whether a chat is to be read."""
        self._idle -= {each for each in self._idle if _finds(each, chat, usernames, folders)}
        return is_wanted(chat, self._config, usernames=usernames, folders=folders, left=left)

    def findings(self) -> list[Finding]:
        """Tell of each rule that has found no chat. What somebody wanted to have is lost without it."""
        nothing_found = self._idle.issuperset(self._wanted.values())
        unmet = [(text, each) for text, each in self._wanted.items() if each in self._idle]
        found = [
            Finding(FindingKind.LOST if nothing_found or _names_one(each) else FindingKind.NOTE, CHATS, _unmet(text))
            for text, each in unmet
        ]
        idle = (text for text, each in self._unwanted.items() if each in self._idle)
        return found + [Finding(FindingKind.NOTE, EXCLUDE, _unmet(text)) for text in idle]


def is_wanted(
    chat: Chat, config: TakeoutConfig, *, usernames: Collection[str], folders: Collection[str], left: bool
) -> bool:
    """Tell whether a chat is to be read."""
    if left and not config.left:
        return False
    if config.chat_types is not None and chat.type not in config.chat_types:
        return False
    if any(_finds(each, chat, usernames, folders) for each in config.unwanted):
        return False
    wanted = config.wanted
    return wanted is None or any(_finds(each, chat, usernames, folders) for each in wanted)


def _finds(rule: Selector, chat: Chat, usernames: Collection[str], folders: Collection[str]) -> bool:
    # A chat without a name, such as the account's own, is found by its type.
    kind, number = ChatKind(chat.kind), chat.id or 0
    title, sort = chat.title or "", chat.type or ""
    return rule.matches(kind, number, chat_type=sort, title=title, usernames=usernames, folders=folders)


def _names_one(rule: Selector) -> bool:
    """Tell whether a rule names something that is there, and not all that may be of some sort."""
    return rule.by is not By.TYPE and not (rule.by is By.TITLE and "*" in rule.text)


def _unmet(text: str) -> str:
    return f"no chat is found by `{text}`; correct it in vault.toml, or take it out if the chat is not there any more"


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
    scope = msgspec.msgpack.encode((config.period(), config.own_only))
    with ledger.transaction():
        if ledger.fact(_SCOPE) not in (None, scope):
            # Of what waits for its files only Telegram tells whether it is wanted.
            ledger.drop_waiting()
        ledger.set_fact(_SCOPE, scope)
        ledger.files.ask_again(left_out_names=names)
        ledger.set_fact(_CHOICE, chosen)
