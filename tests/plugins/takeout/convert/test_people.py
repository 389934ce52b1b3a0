from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from telethon.tl.types import account, contacts, users
from tests.plugins.takeout.convert.support import BEN, CHANNEL, GROUP, T0, around, at

from tgvault.api import FindingKind
from tgvault_plugins.takeout.convert import people
from tgvault_plugins.takeout.convert.documents import AccountDocument

_WHEN = "2024-11-14T09:12:44"


def _told(made: AccountDocument) -> Any:
    return msgspec.json.decode(made.body)


def _full(**fields: Any) -> types.UserFull:
    return types.UserFull(100000001, types.PeerSettings(), types.PeerNotifySettings(), 0, **fields)


def test_the_owner_is_told() -> None:
    user = types.User(
        100000001, is_self=True, first_name="Ana", last_name="Kovač", username="ana_k", phone="43660", premium=True
    )
    full = _full(about="hi", birthday=types.Birthday(1, 2), personal_channel_id=4)

    made = people.personal_information(users.UserFull(full, [], [user]), around())
    assert made.name == "personal_information"
    assert list(_told(made).items()) == [
        ("user_id", 100000001),
        ("first_name", "Ana"),
        ("last_name", "Kovač"),
        ("phone_number", "+43660"),
        ("username", "@ana_k"),
        ("bio", "hi"),
        (
            "api",
            {"birthday": {"_": "Birthday", "day": 1, "month": 2}, "personal_channel_id": 4, "premium": True},
        ),
    ]


def test_an_owner_who_tells_nothing_has_an_id() -> None:
    full = types.UserFull(5, types.PeerSettings(), types.PeerNotifySettings(), 0)

    assert _told(people.personal_information(users.UserFull(full, [], [types.UserEmpty(5)]), around())) == {
        "user_id": 5,
        "first_name": "",
        "last_name": "",
        "phone_number": "",
    }


def test_the_address_book_is_told_in_the_order_of_names() -> None:
    saved = [
        types.SavedPhoneContact("2", "Zoe", "", at(T0)),
        types.SavedPhoneContact("", "", "", at(T0)),
        types.SavedPhoneContact("1", "ana", "B", at(T0)),
        types.SavedPhoneContact("3", "An\0a", "", at(T0)),
    ]
    rows = people.ContactRows(around())
    for each in saved:
        rows.add(each)

    dates = {"date": _WHEN, "date_unixtime": str(T0)}
    assert _told(rows.document()) == {
        "about": "",
        "list": [
            dates,
            {"first_name": "An\0a", "last_name": "", "phone_number": "+3", **dates},
            {"first_name": "ana", "last_name": "B", "phone_number": "+1", **dates},
            {"first_name": "Zoe", "last_name": "", "phone_number": "+2", **dates},
        ],
    }


def test_those_met_most_are_told_by_category() -> None:
    def category(sort: Any, *tops: tuple[Any, float]) -> types.TopPeerCategoryPeers:
        return types.TopPeerCategoryPeers(sort, len(tops), [types.TopPeer(*each) for each in tops])

    calls = category(types.TopPeerCategoryPhoneCalls(), (types.PeerUser(100000009), 1.5))
    met = category(types.TopPeerCategoryCorrespondents(), (BEN, 2), (GROUP, 1), (types.PeerChat(4), 1), (None, 1))
    other = category(types.TopPeerCategoryGroups(), (CHANNEL, 1))
    made = people.frequent_contacts(contacts.TopPeers([calls, met, other], [], []), around())

    assert [list(each.values()) for each in _told(made)["list"]] == [
        [7000000002, "people", "user", "Ben 伊藤", 2.0],
        [55, "people", "private_group", "Climbers", 1.0],
        [4, "people", "private_group", None, 1.0],
        [100000009, "calls", "user", None, 1.5],
    ]
    assert b'"rating":1.500000}' in made.body


def test_those_met_most_can_be_switched_off() -> None:
    assert _told(people.frequent_contacts(contacts.TopPeersDisabled(), around())) == {"about": "", "list": []}


def test_places_where_the_account_is_signed_in_are_told() -> None:
    session = types.Authorization(
        1, "PC", "Linux", "6.1", 2040, "", "", at(T0), at(T0), "1.2.3.4", "AT", "Vienna", current=True
    )
    made = people.sessions(account.Authorizations(7, [session]), around())

    [row] = _told(made)["list"]
    assert list(row.items()) == [
        ("last_active", _WHEN),
        ("last_active_unixtime", str(T0)),
        ("last_ip", "1.2.3.4"),
        ("last_country", "AT"),
        ("last_region", "Vienna"),
        ("application_name", None),
        ("device_model", "PC"),
        ("platform", "Linux"),
        ("system_version", "6.1"),
        ("created", _WHEN),
        ("created_unixtime", str(T0)),
        ("api", {"api_id": 2040, "current": True}),
    ]
    assert b'"hash"' not in made.body


@pytest.mark.parametrize(("bot", "name"), [(9, "helperbot"), (100000001, None), (4, None)])
def test_sites_where_the_account_is_signed_in_are_told(bot: int, name: str | None) -> None:
    session = types.WebAuthorization(1, bot, "e.org", "Firefox", "Linux", at(T0), at(T0), "1.2.3.4", "AT")

    [row] = _told(people.web_sessions(account.WebAuthorizations([session], []), around()))["list"]
    assert (row["bot_username"], row["domain_name"], row["browser"]) == (name, "e.org", "Firefox")
    assert row["api"] == {"bot_id": bot}


@pytest.mark.parametrize("count", [0, 1])
def test_an_address_book_of_none_or_one_is_a_list(count: int) -> None:
    rows = people.ContactRows(around())
    rows.add(types.SavedPhoneContact("1", "gone", "", None))
    rows.clear()
    for number in range(count):
        rows.add(types.SavedPhoneContact(str(number), "", "", at(T0)))

    assert len(_told(rows.document())["list"]) == count


def test_contacts_that_an_app_is_told_are_written_as_those_of_an_address_book() -> None:
    user = types.User(1, first_name="Ana", last_name="Kovač", phone="43660", contact=True)
    answer = contacts.Contacts(
        [types.Contact(1, False)], 0, [types.User(2, first_name="Zoe"), user, types.UserEmpty(1)]
    )

    made = people.telegram_contacts(answer, around())
    # Telegram tells no app since when they are contacts.
    dates = {"date": "1970-01-01T01:00:00", "date_unixtime": "0"}
    ana = {"first_name": "Ana", "last_name": "Kovač", "phone_number": "+43660", **dates}
    assert (made.name, _told(made)) == ("contacts", {"about": "", "list": [ana]})


def test_other_data_stay_as_the_server_wrote_them() -> None:
    made = people.other_data(b'{ "a": [1.0000000000000000001, "x y"],\n "b": null }', around())

    assert made.body == b'{"a":[1.0000000000000000001,"x y"],"b":null}'


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'"\xff"'])
def test_other_data_that_are_no_json_are_kept_as_text_and_told(content: bytes) -> None:
    made = people.other_data(content, around())

    assert _told(made) == {"text": content.decode(errors="replace")}
    assert [each.kind for each in made.findings] == [FindingKind.UNKNOWN_TYPE]
