"""Accounts of any size for benchmarks: their messages and files are computed where they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from telethon.tl import types

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.account.events import EventLog
from tgvault.testing.telegram.account.messages import Messages
from tgvault.testing.telegram.large.made import Made
from tgvault.testing.telegram.large.template import Template
from tgvault.testing.telegram.large.variants import PATTERN, variants

__all__ = ["files_account", "large_account"]

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_PEOPLE = 40
#: Three years, over which the messages of a chat are spread.
_SPAN = 3 * 365 * 86_400


def large_account(messages: int, *, chats: int = 20) -> Account:
    """Build an account with so many messages, in private chats and supergroups by turns.

    About a seventh of the messages has a file; of what kind a message is repeats after 64, its text is like no other.
    Memory does not grow with the number of messages.
    """
    account = _populated()
    private = (chats + 1) // 2
    each = messages // chats
    for place in range(chats):
        count = each + (messages % chats if place == chats - 1 else 0)
        if place % 2:
            _supergroup(account, place, count)
        else:
            # The ids of private chats are one sequence, which they take turns in.
            first = place // 2 + 1
            talk = account.talk(account.directory.users[2000 + place // 2])
            _fill(account, talk, place, range(first, first + count * private, private))
    last = max(talk.top() for talk in account.conversations.values())
    account.skip_ids(last)
    account.events = EventLog(sum(len(talk.messages) for talk in account.conversations.values() if talk.peer > 0))
    account.now = datetime.fromtimestamp(_BEGIN.timestamp() + _SPAN, tz=UTC)
    middle = last // 2
    account.has.split_ranges = [types.MessageRange(1, middle), types.MessageRange(middle + 1, 2**31 - 1)]
    return account


def files_account(count: int, size: int) -> Account:
    """Build an account with one chat, of so many files of so many bytes each, in two data centres by turns."""
    account = _populated()
    talk = account.talk(account.directory.users[2000])
    for place in range(count):
        name = types.DocumentAttributeFilename(f"file {place:06}.bin")
        dc = account.dcs[place % len(account.dcs)]
        document = account.shelf.document(
            "application/octet-stream", size, name, file_id=place + 1, dc=dc, date=account.now
        )
        account.say(talk, media=types.MessageMediaDocument(document=document))
    return account


def _populated() -> Account:
    account = Account()
    account.user(1001, "Ada", "Lovelace", is_self=True, phone=account.phone.lstrip("+"), username="ada")
    for place in range(_PEOPLE):
        account.user(2000 + place, f"Person {place}", "Large", username=f"person{place}", contact=place % 2 == 0)
    return account


def _supergroup(account: Account, place: int, count: int) -> None:
    group = types.Channel(7000 + place, f"Group {place}", types.ChatPhotoEmpty(), _BEGIN, megagroup=True)
    talk = account.talk(account.chat(group))
    talk.events = EventLog(count + 1)
    _fill(account, talk, place, range(1, count + 1))


def _fill(account: Account, talk: Conversation, place: int, ids: range) -> None:
    senders = [2000 + (place + each) % _PEOPLE for each in range(8)]
    templates = tuple(Template(each) for each in variants(talk.tl_peer, senders=senders, dcs=account.dcs))
    begin, step = int(_BEGIN.timestamp()), _SPAN / max(1, ids.stop)
    made = Made(place, ids, templates, account.shelf, account.dcs, begin, step)
    account.shelf.finder = made.finder(account.shelf.finder)
    peers = frozenset({talk.peer, account.self_id, *(senders if talk.is_channel else ())})
    talk.messages = Messages(ids, make=made.message, peers=peers, pattern=PATTERN)
