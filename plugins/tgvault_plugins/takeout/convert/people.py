"""Documents about the account's owner, the people it knows and the places where it is signed in."""

from __future__ import annotations

from codecs import getincrementaldecoder
from io import BytesIO
from typing import Any

import msgspec
from telethon.tl import types

from tgvault.api import BEYOND, FindingKind
from tgvault_plugins.takeout.convert.documents import AccountDocument, document, listed, making_of
from tgvault_plugins.takeout.convert.making import Around
from tgvault_plugins.takeout.convert.peers import bare_peer
from tgvault_plugins.takeout.convert.values import Fields, decimal, encoded, only, plain

__all__ = [
    "ContactRows",
    "frequent_contacts",
    "other_data",
    "personal_information",
    "sessions",
    "telegram_contacts",
    "web_sessions",
]

#: Bytes of a text that are looked at at once.
_PIECE = 1 << 20
_CATEGORIES: dict[type, str] = {
    types.TopPeerCategoryCorrespondents: "people",
    types.TopPeerCategoryBotsInline: "inline_bots",
    types.TopPeerCategoryPhoneCalls: "calls",
}


def personal_information(answer: Any, context: Around) -> AccountDocument:
    """Tell who the account is; takes the answer to `users.getFullUser` for oneself."""
    full = answer.full_user
    user = next((each for each in answer.users if isinstance(each, types.User) and each.id == full.id), None)
    username = context.peers.username(types.PeerUser(full.id)) or getattr(user, "username", None)
    body: Fields = {
        "user_id": full.id,
        "first_name": getattr(user, "first_name", None) or "",
        "last_name": getattr(user, "last_name", None) or "",
        "phone_number": context.phone(getattr(user, "phone", None) or ""),
        **only([("username", f"@{username}" if username else None), ("bio", full.about)]),
    }
    beyond = only(
        [
            ("usernames", [each.username for each in getattr(user, "usernames", None) or ()]),
            ("birthday", plain(full.birthday)),
            ("personal_channel_id", full.personal_channel_id),
            ("business_location", plain(full.business_location)),
            ("business_work_hours", plain(full.business_work_hours)),
            ("premium", getattr(user, "premium", None)),
        ]
    )
    return document("personal_information", body | ({BEYOND: beyond} if beyond else {}))


class ContactRows:
    """The document about contacts, written row by row: there may be very many."""

    def __init__(self, context: Around) -> None:
        self._context = context
        self._rows: list[bytes] = []

    def add(self, contact: types.SavedPhoneContact) -> None:
        """Add a contact."""
        name = f"{contact.first_name} {contact.last_name}".lower()
        # No JSON has a zero in it. As one string of bytes, and put in order as such, they take the least room.
        self._rows.append(name.encode(errors="replace") + b"\0" + encoded(_contact(contact, self._context)))

    def clear(self) -> None:
        """Begin anew."""
        self._rows.clear()

    def document(self) -> AccountDocument:
        """Finish it, in the order of names; nothing is left to be told once more."""
        body = BytesIO()
        body.write(b'{"about":"","list":[')
        self._rows.sort(reverse=True)
        while self._rows:
            row = self._rows.pop()
            body.write(row[row.rindex(b"\0") + 1 :])
            body.write(b"," if self._rows else b"")
        body.write(b"]}")
        return AccountDocument("contacts", body.getvalue())


def telegram_contacts(answer: Any, context: Around) -> AccountDocument:
    """Tell the contacts who are on Telegram; takes the answer to `contacts.getContacts`, which knows no dates."""
    wanted = {each.user_id for each in answer.contacts}
    rows = ContactRows(context)
    for each in answer.users:
        if isinstance(each, types.User) and each.id in wanted:
            rows.add(types.SavedPhoneContact(each.phone or "", each.first_name or "", each.last_name or "", None))
    return rows.document()


def _contact(contact: types.SavedPhoneContact, context: Around) -> Fields:
    dates = context.times.both("date", contact.date)
    if not (contact.first_name or contact.last_name or contact.phone):
        return dates
    return {
        "first_name": contact.first_name or "",
        "last_name": contact.last_name or "",
        "phone_number": context.phone(contact.phone or ""),
        **dates,
    }


def frequent_contacts(answer: Any, context: Around) -> AccountDocument:
    """Tell with whom the account has most to do; takes the answer to `contacts.getTopPeers`, also an empty one."""
    found = {type(each.category): each.peers for each in getattr(answer, "categories", None) or ()}
    rows = [
        row
        for category, word in _CATEGORIES.items()
        for top in found.get(category) or ()
        if (row := _top(top, word, context)) is not None
    ]
    return listed("frequent_contacts", rows)


def _top(top: types.TopPeer, category: str, context: Around) -> Fields | None:
    found = bare_peer(top.peer)
    if found is None:
        return None
    is_user = isinstance(top.peer, types.PeerUser)
    return {
        "id": found[1],
        "category": category,
        "type": "user" if is_user else context.peers.chat_type(top.peer) or "private_group",
        "name": context.peers.name(top.peer),
        "rating": decimal(top.rating),
    }


def sessions(answer: Any, context: Around) -> AccountDocument:
    """Tell where the account is signed in; takes the answer to `account.getAuthorizations`."""
    return listed("sessions", [_session(each, context) for each in answer.authorizations or ()])


def _session(session: types.Authorization, context: Around) -> Fields:
    found = context.times.both("last_active", session.date_active) | {
        "last_ip": session.ip or "",
        "last_country": session.country or "",
        "last_region": session.region or "",
        "application_name": session.app_name or None,
        **only([("application_version", session.app_version)]),
        "device_model": session.device_model or "",
        "platform": session.platform or "",
        "system_version": session.system_version or "",
        **context.times.both("created", session.date_created),
    }
    names = ("current", "official_app", "password_pending", "encrypted_requests_disabled", "call_requests_disabled")
    beyond = only([("api_id", session.api_id), *((name, getattr(session, name)) for name in names)])
    return found | ({BEYOND: beyond} if beyond else {})


def web_sessions(answer: Any, context: Around) -> AccountDocument:
    """Tell on which sites the account is signed in; takes the answer to `account.getWebAuthorizations`."""
    return listed("web_sessions", [_web_session(each, context) for each in answer.authorizations or ()])


def _web_session(session: types.WebAuthorization, context: Around) -> Fields:
    bot = types.PeerUser(session.bot_id)
    is_bot = context.peers.chat_type(bot) == "bot_chat"
    return {
        **context.times.both("last_active", session.date_active),
        "last_ip": session.ip or "",
        "last_region": session.region or "",
        "bot_username": context.peers.username(bot) if is_bot else None,
        "domain_name": session.domain or None,
        "browser": session.browser or "",
        "platform": session.platform or "",
        **context.times.both("created", session.date_created),
        BEYOND: {"bot_id": session.bot_id},
    }


def other_data(content: bytes | bytearray, context: Around) -> AccountDocument:
    """Tell what the server says besides, which is JSON of its own; what is none is kept as text, and told."""
    making = making_of(context)
    try:
        return AccountDocument("other_data", _compact(content))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        making.note(FindingKind.UNKNOWN_TYPE, "other data that is no JSON")
        return document("other_data", {"text": content.decode(errors="replace")}, making)


def _compact(content: bytes | bytearray) -> bytes:
    """Check JSON and write it on one line: no value is made of it, and numbers stay as they are written."""
    decode = getincrementaldecoder("utf-8")()
    for at in range(0, len(content), _PIECE):
        decode.decode(content[at : at + _PIECE])
    decode.decode(b"", final=True)
    return msgspec.json.format(content, indent=-1)
