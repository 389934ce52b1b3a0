"""Logging in over real MTProto: by QR code, phone number and token; out again; and whose session it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

import msgspec
import pytest
from rsa import PublicKey
from telethon.tl import types
from telethon.tl.types import auth

from account_support import API_HASH, TOKEN, Drawer, Person, ada, config_of, now, quickly, serving
from key_support import all_texts
from tgvault.api import (
    NotSignedInError,
    SecretError,
    SourceDelayedError,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
    StateError,
    UsageError,
    Who,
)
from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.faults import Answer, Fault, NoAnswer, Refuse
from tgvault.testing.telegram.tl import Encoded
from tgvault_plugins.takeout import ways
from tgvault_plugins.takeout.choices import ChatType
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.login import WAYS, login, logout, reads, whoami
from tgvault_plugins.takeout.program import API_HASH_VARIABLE, API_ID_VARIABLE, PROGRAM
from tgvault_plugins.takeout.session import SESSION, load_session

ENVIRONMENT = {API_HASH_VARIABLE: API_HASH}
PHONE = "+1 (555) 01-00"
PASSWORD = "correct horse 42"
ADA = Who(5, "Ada Lovelace", (("user name", "@ada"), ("user name", "@countess"), ("phone number", "+15550100")))


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with serving(ada()) as server:
        yield server


@pytest.fixture
def config(server: LoopbackServer, tmp_path: Path) -> TakeoutConfig:
    return config_of(server, tmp_path)


def enter(
    config: TakeoutConfig, drawer: Drawer, person: Person, way: str, environment: Mapping[str, str] = ENVIRONMENT
) -> Who:
    return asyncio.run(login(config, drawer, person, way=way, source="phone", now=now, environment=environment))


def unsaying(config: TakeoutConfig) -> TakeoutConfig:
    """The settings without an `api_id`."""
    return msgspec.structs.replace(config, api_id=None)


def leave(config: TakeoutConfig, drawer: Drawer) -> bool:
    return asyncio.run(logout(config, drawer, source="phone", now=now))


def ask(config: TakeoutConfig, drawer: Drawer) -> Who:
    return asyncio.run(whoami(config, drawer, source="phone", now=now))


def logged_in(server: LoopbackServer, config: TakeoutConfig) -> Drawer:
    """Secrets with a session."""
    drawer = Drawer()
    enter(config, drawer, Person(PHONE, server.account.code), "phone")
    return drawer


# By phone


def test_a_phone_number_and_its_code_log_in(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer, person = Drawer(), Person(PHONE, " 123-45 ")

    who = enter(config, drawer, person, "phone")

    assert who == ADA
    assert person.told == ["Telegram has sent a code to your Telegram app on another device."]
    kept = load_session(drawer, source="phone")
    assert (kept.user_id, kept.is_bot, kept.dc_id, kept.api_id) == (5, False, 2, 12345)
    assert ask(config, drawer) == ADA


def test_the_number_leads_to_the_data_centre_that_it_belongs_to(server: LoopbackServer, tmp_path: Path) -> None:
    drawer = Drawer()

    who = enter(config_of(server, tmp_path, dc=4), drawer, Person(PHONE, "12345"), "phone")

    assert who == ADA
    assert load_session(drawer, source="phone").dc_id == 2
    assert ask(config_of(server, tmp_path, dc=4), drawer) == ADA


def test_a_wrong_code_is_asked_for_again_and_not_said_to_be_sent_again(config: TakeoutConfig) -> None:
    person = Person(PHONE, "11111", "", "12345")

    assert enter(config, Drawer(), person, "phone") == ADA
    assert person.told[1:] == ["That is not the code."] * 2


def test_a_wrong_code_is_what_is_told_where_nobody_gives_another(config: TakeoutConfig) -> None:
    with pytest.raises(SourceRefusedError, match="the code was wrong") as caught:
        enter(config, Drawer(), Person(PHONE, "11111"), "phone")

    assert caught.value.hint


def test_a_number_that_telegram_does_not_know_is_asked_for_again(server: LoopbackServer, config: TakeoutConfig) -> None:
    person = Person("+1 555 99", PHONE, "12345")

    assert enter(config, Drawer(), person, "phone") == ADA
    assert person.told[0] == "Telegram knows no account with that phone number."
    assert server.calls.counts()["auth.sendCode"] == 2


@pytest.mark.parametrize("given", [1, 3, 5])
def test_three_numbers_that_telegram_does_not_know_are_enough(
    server: LoopbackServer, config: TakeoutConfig, given: int
) -> None:
    with pytest.raises(SourceRefusedError, match="does not know the phone number"):
        enter(config, Drawer(), Person(*["+1 555 99"] * given), "phone")

    assert server.calls.counts()["auth.sendCode"] == min(given, 3)


def test_three_wrong_codes_are_enough(config: TakeoutConfig) -> None:
    drawer = Drawer()

    with pytest.raises(SourceRefusedError, match="wrong 3 times"):
        enter(config, drawer, Person(PHONE, "1", "2", "3"), "phone")

    assert drawer.values == {}


def test_a_code_can_be_sent_again_and_one_that_has_expired_is(server: LoopbackServer, config: TakeoutConfig) -> None:
    server.faults.add(Fault(Refuse("PHONE_CODE_EXPIRED"), "auth.signIn"))
    person = Person(PHONE, "again", "12345", "12345")

    assert enter(config, Drawer(), person, "phone") == ADA
    assert "The code is no longer good; Telegram sends another one." in person.told
    assert server.calls.counts()["auth.resendCode"] == 1
    assert server.calls.counts()["auth.sendCode"] == 2


@pytest.mark.parametrize(("refusal", "sent"), [("SEND_CODE_UNAVAILABLE", 1), ("PHONE_CODE_EXPIRED", 2)])
def test_where_a_code_cannot_be_sent_another_way_the_login_goes_on(
    server: LoopbackServer, config: TakeoutConfig, refusal: str, sent: int
) -> None:
    server.faults.add(Fault(Refuse(refusal), "auth.resendCode"))

    assert enter(config, Drawer(), Person(PHONE, "again", "12345"), "phone") == ADA
    assert server.calls.counts()["auth.sendCode"] == sent


def test_what_is_no_number_is_never_sent(server: LoopbackServer, config: TakeoutConfig) -> None:
    with pytest.raises(UsageError, match="no phone number"):
        enter(config, Drawer(), Person("Ada"), "phone")

    assert server.calls.all("auth.sendCode") == ()


@pytest.mark.parametrize(
    ("refusal", "kind", "told"),
    [
        ("PHONE_NUMBER_BANNED", SourceRefusedError, "banned"),
        ("PHONE_NUMBER_UNOCCUPIED", SourceRefusedError, "no account"),
        ("API_ID_INVALID", SourceRefusedError, "`api_id`"),
        ("FLOOD_WAIT_86400", SourceDelayedError, "before it sends a code"),
        ("USER_DEACTIVATED_BAN", SourceRefusedError, "banned the account"),
    ],
)
def test_what_telegram_refuses_is_told(
    server: LoopbackServer, config: TakeoutConfig, refusal: str, kind: type, told: str
) -> None:
    server.faults.add(Fault(Refuse(refusal), "auth.sendCode"))
    drawer = Drawer()

    with pytest.raises(kind, match=told) as caught:
        enter(config, drawer, Person(PHONE), "phone")

    assert caught.value.hint  # type: ignore[attr-defined]
    assert API_HASH not in all_texts(caught.value)
    assert drawer.values == {}


NOBODY = types.UserEmpty(5)
SIGN_UP = auth.AuthorizationSignUpRequired()
MOVED = auth.LoginTokenMigrateTo(4, b"x")
CANNOT_READ = "is of a kind that this version cannot read"


@pytest.mark.parametrize(
    ("way", "method", "answer", "told"),
    [
        ("phone", "auth.sendCode", True, CANNOT_READ),
        ("phone", "auth.sendCode", Encoded(b"\1\2\3\4SECRET"), CANNOT_READ),
        ("phone", "auth.sendCode", auth.SentCodeSuccess(SIGN_UP), "no account with the phone number"),
        ("phone", "auth.sendCode", auth.SentCodeSuccess(auth.Authorization(NOBODY)), "whose account it is"),
        ("phone", "auth.signIn", True, CANNOT_READ),
        ("phone", "auth.signIn", auth.Authorization(NOBODY), "whose account it is"),
        ("phone", "auth.signIn", auth.Authorization(types.Pong(1, 2)), CANNOT_READ),
        ("phone", "account.getPassword", True, CANNOT_READ),
        ("phone", "auth.checkPassword", SIGN_UP, "no account with the phone number"),
        ("qr", "auth.exportLoginToken", True, CANNOT_READ),
        ("qr", "auth.exportLoginToken", auth.LoginTokenSuccess(SIGN_UP), "no account with the phone number"),
        ("qr", "auth.*LoginToken", MOVED, "where the account is"),
        ("bot", "auth.importBotAuthorization", SIGN_UP, "no account with the phone number"),
        ("bot", "auth.importBotAuthorization", types.Pong(1, 2), CANNOT_READ),
    ],
)
def test_what_telegram_cannot_have_meant_is_told(
    server: LoopbackServer, config: TakeoutConfig, way: str, method: str, answer: object, told: str
) -> None:
    server.account.password = PASSWORD if "assword" in method else None
    server.faults.add(Fault(Answer(answer), method, times=None))
    drawer = Drawer()

    with pytest.raises(SourceError, match=told) as caught:
        enter(config, drawer, Person(*[TOKEN] if way == "bot" else [PHONE, "12345", PASSWORD]), way)

    assert caught.value.hint
    assert "SECRET" not in all_texts(caught.value)
    assert drawer.values == {}


def test_a_session_of_nobody_is_ended(server: LoopbackServer, config: TakeoutConfig) -> None:
    server.faults.add(Fault(Answer(auth.Authorization(NOBODY)), "auth.signIn"))

    with pytest.raises(SourceUnavailableError):
        enter(config, Drawer(), Person(PHONE, "12345"), "phone")

    assert len(server.calls.all("auth.logOut")) == 1


@pytest.mark.parametrize(
    ("method", "before"), [("auth.sendCode", "before it sends a code"), ("auth.signIn", "before a code may be tried")]
)
@pytest.mark.parametrize("seconds", [0, 99_999_999_999, 10**30])
def test_a_wait_of_any_length_is_told(
    server: LoopbackServer, config: TakeoutConfig, method: str, before: str, seconds: int
) -> None:
    server.faults.add(Fault(Refuse(f"FLOOD_WAIT_{seconds}"), method))

    with pytest.raises(SourceDelayedError, match=f"until 2.* {before}"):
        enter(config, Drawer(), Person(PHONE, "12345"), "phone")


# With a password


@pytest.mark.parametrize("way", ["phone", "qr"])
def test_the_second_factor_is_asked_for_and_again_if_wrong(
    server: LoopbackServer, config: TakeoutConfig, way: str
) -> None:
    server.account.password = PASSWORD
    first = [PHONE, "12345"] if way == "phone" else []
    person = Person(*first, "a wrong one", PASSWORD, on_code=lambda _: server.accept_login())

    assert enter(config, Drawer(), person, way) == ADA
    assert person.asked[-1] == "(secret) Two-factor password (hint: the usual)"
    assert person.told[-1] == "That is not the password."


def test_a_wrong_password_is_what_is_told_where_nobody_gives_another(
    server: LoopbackServer, config: TakeoutConfig
) -> None:
    server.account.password = PASSWORD

    with pytest.raises(SourceRefusedError, match="password was wrong") as caught:
        enter(config, Drawer(), Person(PHONE, "12345", "a"), "phone")

    assert caught.value.hint


def test_three_wrong_passwords_are_enough(server: LoopbackServer, config: TakeoutConfig) -> None:
    server.account.password = PASSWORD
    drawer = Drawer()

    with pytest.raises(SourceRefusedError, match="password was wrong 3 times"):
        enter(config, drawer, Person(PHONE, "12345", "a", "b", "c"), "phone")

    assert drawer.values == {}


# By QR code


def test_a_code_that_is_scanned_logs_in(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer, person = Drawer(), Person(on_code=lambda _: server.accept_login())

    assert enter(config, drawer, person, "qr") == ADA
    assert len(person.codes) == 1
    assert person.codes[0].startswith("tg://login?token=")
    assert "=" not in person.codes[0].removeprefix("tg://login?token=")
    assert load_session(drawer, source="phone").user_id == 5


def test_the_account_may_be_at_home_in_another_data_centre(server: LoopbackServer, tmp_path: Path) -> None:
    drawer, person = Drawer(), Person(on_code=lambda _: server.accept_login())

    assert enter(config_of(server, tmp_path, dc=4), drawer, person, "qr") == ADA
    assert load_session(drawer, source="phone").dc_id == 2


def test_a_code_is_renewed_before_it_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "_lifetime", lambda expires, now: 0.01)
    person = Person()

    with serving(ada(), accept_after=3) as server:
        who = enter(config_of(server, tmp_path), Drawer(), person, "qr")

    assert who == ADA
    assert len(person.codes) == 3


def test_a_code_that_nobody_scans_is_given_up(
    server: LoopbackServer, config: TakeoutConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "_lifetime", lambda expires, now: 0.01)
    person = Person()

    with pytest.raises(UsageError, match="nobody scanned"):
        enter(config, Drawer(), person, "qr")

    assert len(person.codes) == 10


# As a bot


def test_a_token_logs_a_bot_in(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer, person = Drawer(), Person(TOKEN)

    who = enter(config, drawer, person, "bot")

    assert who == Who(700, "Helper", (("user name", "@helper_bot"), ("kind", "bot")))
    assert person.asked[0].startswith("(secret) ")
    assert load_session(drawer, source="phone").is_bot
    assert ask(config, drawer) == who


def test_a_token_that_is_none_is_never_sent_nor_shown(server: LoopbackServer, config: TakeoutConfig) -> None:
    # Made here: a traceback quotes lines of this file.
    half = token_hex(8)

    with pytest.raises(UsageError) as caught:
        enter(config, Drawer(), Person(f"700:{half}!"), "bot")

    assert half not in all_texts(caught.value)
    assert server.calls.all("auth.importBotAuthorization") == ()


def test_a_token_that_telegram_does_not_know_is_not_shown(config: TakeoutConfig) -> None:
    wrong = token_hex(16)

    with pytest.raises(SourceRefusedError, match="does not know the bot's token") as caught:
        enter(config, Drawer(), Person(f"700:{wrong}"), "bot")

    assert wrong not in all_texts(caught.value)


# Which program it is


def test_the_program_is_asked_for_where_nothing_says_it(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer, person = Drawer(), Person("777", API_HASH.upper(), PHONE, "12345")

    enter(unsaying(config), drawer, person, "phone", {})

    assert person.asked[:2] == ["api_id", "(secret) api_hash"]
    assert "https://my.telegram.org/apps" in person.told[0]
    kept = load_session(drawer, source="phone")
    assert (kept.api_id, kept.api_hash) == (777, API_HASH)


def test_the_environment_may_say_all_of_it(config: TakeoutConfig) -> None:
    unsaid, drawer, person = unsaying(config), Drawer(), Person(PHONE, "12345")

    enter(unsaid, drawer, person, "phone", {API_ID_VARIABLE: "888", **ENVIRONMENT})

    assert load_session(drawer, source="phone").api_id == 888
    assert len(person.asked) == 2
    assert PROGRAM not in drawer.values


def test_the_environment_does_not_contradict_the_settings(config: TakeoutConfig) -> None:
    with pytest.raises(UsageError, match="`TGVAULT_TELEGRAM_API_ID` is not the `api_id`"):
        enter(config, Drawer(), Person(PHONE), "phone", {API_ID_VARIABLE: "888", **ENVIRONMENT})


def test_what_cannot_be_right_is_asked_for_again(config: TakeoutConfig) -> None:
    person = Person("twelve", "0", "777", "0123", API_HASH, "Ada", PHONE, "12345")

    assert enter(unsaying(config), Drawer(), person, "phone", {}) == ADA
    assert person.told[1:5] == [
        "The `api_id` is no number. Copy it from https://my.telegram.org/apps.",
        "The `api_id` is no number. Copy it from https://my.telegram.org/apps.",
        "The `api_hash` is not 32 digits and letters a to f. Copy it from https://my.telegram.org/apps.",
        "That is no phone number. Write it with its country: `+43 664 1234567`.",
    ]


def test_it_is_not_asked_for_for_ever(config: TakeoutConfig) -> None:
    with pytest.raises(UsageError, match="`api_id` is no number"):
        enter(unsaying(config), Drawer(), Person("a", "b", "c", "777"), "phone", {})


def test_a_program_that_telegram_took_is_typed_once(server: LoopbackServer, config: TakeoutConfig) -> None:
    unsaid, drawer = unsaying(config), Drawer()
    with pytest.raises(SourceRefusedError, match="the code was wrong"):
        enter(unsaid, drawer, Person("777", API_HASH, PHONE, "1"), "phone", {})
    second, by_code = Person(PHONE, "1"), Person(on_code=lambda _: server.accept_login())

    with pytest.raises(SourceRefusedError, match="the code was wrong"):
        enter(unsaid, drawer, second, "phone", {})
    enter(unsaid, drawer, by_code, "qr", {})

    assert [each.partition(" ")[0] for each in second.asked] == ["Phone", "Code", "Code"]
    assert by_code.asked == []
    assert load_session(drawer, source="phone").api_id == 777
    assert leave(unsaid, drawer)
    assert drawer.values == {}


@pytest.mark.parametrize(("way", "answers"), [("phone", [PHONE]), ("bot", [TOKEN])])
def test_a_program_that_telegram_does_not_take_is_forgotten(
    server: LoopbackServer, config: TakeoutConfig, way: str, answers: list[str]
) -> None:
    unsaid, drawer = unsaying(config), Drawer()
    drawer.values[PROGRAM] = msgspec.msgpack.encode({"api_id": 777, "api_hash": API_HASH})
    server.faults.add(Fault(Refuse("API_ID_INVALID"), "auth.*"))

    with pytest.raises(SourceRefusedError, match="`api_id`"):
        enter(unsaid, drawer, Person(*answers), way, {})

    assert drawer.values == {}


def test_a_program_of_another_number_than_the_settings_have_is_not_taken(config: TakeoutConfig) -> None:
    drawer, person = Drawer(), Person(API_HASH, PHONE, "12345")
    drawer.values[PROGRAM] = msgspec.msgpack.encode({"api_id": 777, "api_hash": "f" * 32})

    enter(config, drawer, person, "phone", {})

    assert (person.asked[0], load_session(drawer, source="phone").api_id) == ("(secret) api_hash", 12345)


@pytest.mark.parametrize("kept", [b"?", b"\x90"])
def test_a_program_that_cannot_be_read_is_asked_for(config: TakeoutConfig, kept: bytes) -> None:
    drawer, person = Drawer(), Person("777", API_HASH, PHONE, "12345")
    drawer.values[PROGRAM] = kept

    assert enter(unsaying(config), drawer, person, "phone", {}) == ADA


def test_where_the_server_is_not_there_nothing_is_asked(
    server: LoopbackServer, config: TakeoutConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly(monkeypatch)
    server.stop()
    person = Person("777", API_HASH, PHONE)

    with pytest.raises(SourceUnavailableError):
        enter(unsaying(config), Drawer(), person, "phone", {})

    assert person.asked == person.told == []


@pytest.mark.parametrize("keys", [None, PublicKey((1 << 2047) + 1, 65537).save_pkcs1().decode()])
@pytest.mark.parametrize("environment", [{}, ENVIRONMENT])
def test_a_server_that_is_not_known_by_the_keys_is_told_of(
    server: LoopbackServer,
    config: TakeoutConfig,
    keys: str | None,
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quickly(monkeypatch)
    file = config.server_keys
    assert file is not None
    file.write_text(keys or "")
    strange = msgspec.structs.replace(config, server_keys=file if keys else None)
    person = Person(API_HASH, PHONE)

    with pytest.raises(SourceUnavailableError, match="not from the server that it should be from") as caught:
        enter(strange, Drawer(), person, "phone", environment)

    assert "`server_keys`" in str(caught.value.hint)
    assert person.asked == []


@pytest.mark.parametrize(("api_id", "api_hash"), [("x", API_HASH), ("0", API_HASH), ("٣", API_HASH), ("7", "zz" * 16)])
def test_what_cannot_be_right_is_not_sent_nor_shown(config: TakeoutConfig, api_id: str, api_hash: str) -> None:
    unsaid = unsaying(config)
    said = {API_ID_VARIABLE: api_id, API_HASH_VARIABLE: api_hash}

    with pytest.raises(UsageError, match="`api_") as caught:
        enter(unsaid, Drawer(), Person(), "phone", said)

    assert api_hash not in all_texts(caught.value)


# What is there already


def test_nobody_logs_in_over_somebody_else(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer = logged_in(server, config)
    before = dict(drawer.values)

    with pytest.raises(UsageError, match="somebody is logged in") as caught:
        enter(config, drawer, Person(), "phone")

    assert "`tgvault logout phone`" in str(caught.value.hint)
    assert drawer.values == before


def test_a_session_that_cannot_be_read_does_not_bar_a_login(config: TakeoutConfig) -> None:
    class Damaged(Drawer):
        def get(self, name: str) -> bytes | None:
            raise SecretError("damaged", hint="")

    assert enter(config, Damaged(), Person(PHONE, "12345"), "phone") == ADA


def test_a_way_that_there_is_not_is_refused(config: TakeoutConfig) -> None:
    with pytest.raises(UsageError, match="no way `pigeon`"):
        enter(config, Drawer(), Person(), "pigeon")

    assert [way.name for way in WAYS] == list(ways.WAYS)


def test_a_session_that_cannot_be_kept_is_ended(server: LoopbackServer, config: TakeoutConfig) -> None:
    class Full(Drawer):
        def set(self, name: str, value: bytes) -> None:
            raise StateError("no room", hint="make room")

    with pytest.raises(StateError):
        enter(config, Full(), Person(PHONE, "12345"), "phone")

    assert len(server.calls.all("auth.logOut", outcome="ok")) == 1


# Out again


def test_logging_out_ends_the_session_there_and_here(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer = logged_in(server, config)
    session = drawer.values[SESSION]

    told = leave(config, drawer)

    assert told
    assert drawer.values == {}
    drawer.values[SESSION] = session
    with pytest.raises(NotSignedInError):
        ask(config, drawer)


def test_an_acknowledgement_is_all_that_telegram_may_answer(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer = logged_in(server, config)
    server.faults.add(Fault(NoAnswer(), "auth.logOut"))

    assert leave(config, drawer)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("users.getUsers", []),
        ("users.getUsers", [NOBODY]),
        ("users.getUsers", Encoded(b"\1\2\3\4")),
        ("help.getConfig", Encoded(b"\1\2\3\4")),
    ],
)
def test_whatever_telegram_answers_the_session_is_forgotten_here(
    server: LoopbackServer, config: TakeoutConfig, method: str, answer: object
) -> None:
    drawer = logged_in(server, config)
    server.faults.add(Fault(Answer(answer), method, times=None))

    told = leave(config, drawer)

    assert not told
    assert drawer.values == {}


def test_that_the_wish_to_log_out_came_through_is_enough(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer = logged_in(server, config)
    # Acknowledged before it is answered.
    server.faults.add(Fault(Answer(types.Pong(1, 2)), "auth.logOut"))

    assert leave(config, drawer)
    assert drawer.values == {}


def test_without_a_connection_the_session_is_forgotten_here(
    server: LoopbackServer, config: TakeoutConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer = logged_in(server, config)
    quickly(monkeypatch)
    server.stop()

    told = leave(config, drawer)

    assert not told
    assert drawer.values == {}


def test_a_session_that_was_ended_there_needs_nobody_to_be_told(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer = logged_in(server, config)
    server.end_sessions("SESSION_REVOKED")

    assert leave(config, drawer)
    assert drawer.values == {}


def test_a_session_that_cannot_be_read_is_forgotten(config: TakeoutConfig) -> None:
    drawer = Drawer()
    drawer.values[SESSION] = b"?"

    assert not leave(config, drawer)
    assert drawer.values == {}


def test_who_is_not_logged_in_cannot_log_out(config: TakeoutConfig) -> None:
    with pytest.raises(NotSignedInError):
        leave(config, Drawer())


@pytest.mark.parametrize("change", [{"api_id": 777}, {"server": "127.0.0.1:1"}, {"server": None, "server_keys": None}])
def test_a_session_is_of_the_server_and_the_program_that_it_was_made_with(
    server: LoopbackServer, config: TakeoutConfig, change: dict[str, Any]
) -> None:
    drawer = logged_in(server, config)
    changed = msgspec.structs.replace(config, **change)

    with pytest.raises(NotSignedInError, match=f"source `phone` has another `{next(iter(change))}`") as caught:
        ask(changed, drawer)

    assert "`tgvault logout phone`, then `tgvault login phone`" in str(caught.value.hint)
    assert ask(config, drawer) == ADA
    assert ask(unsaying(config), drawer) == ADA
    assert leave(changed, drawer)
    assert drawer.values == {}
    assert len(server.calls.all("auth.logOut", outcome="ok")) == 1


# Whose it is


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("SESSION_REVOKED", "ended from another device"),
        ("AUTH_KEY_UNREGISTERED", "does not know the session"),
        ("USER_DEACTIVATED_BAN", "banned"),
    ],
)
def test_a_session_that_was_ended_says_how(
    server: LoopbackServer, config: TakeoutConfig, error: str, told: str
) -> None:
    drawer = logged_in(server, config)
    server.end_sessions(error)

    with pytest.raises(NotSignedInError, match=told):
        ask(config, drawer)


def test_a_session_that_the_server_has_forgotten_is_over(server: LoopbackServer, config: TakeoutConfig) -> None:
    drawer = logged_in(server, config)
    server.forget_keys()

    with pytest.raises(NotSignedInError, match="does not know the session"):
        ask(config, drawer)


def test_a_server_that_is_not_there_is_told_of(
    server: LoopbackServer, config: TakeoutConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer = logged_in(server, config)
    quickly(monkeypatch)
    server.stop()

    with pytest.raises(SourceUnavailableError, match="cannot be reached") as caught:
        ask(config, drawer)

    assert caught.value.hint


def test_who_is_not_logged_in_is_nobody(config: TakeoutConfig) -> None:
    with pytest.raises(NotSignedInError):
        ask(config, Drawer())


# What is said and what is not


def test_what_is_read_is_what_the_settings_say(tmp_path: Path) -> None:
    said = "\n".join(
        reads(
            TakeoutConfig(
                chats=("saved", "@bea"),
                chat_types=(ChatType.PERSONAL,),
                exclude=("type:public_channel",),
                own_only=True,
                since="2024-01-01",
                until="2024-12-31",
                comments=True,
                max_size="50 MB",
                max_sizes={"videos": "1 GB"},
                left=False,
            ),
            source="phone",
            way="qr",
        )
    )

    for each in (
        "saved, @bea",
        "without type:public_channel",
        "own messages only",
        "not those that you have left",
    ):
        assert each in said
    for each in ("from 2024-01-01 on", "up to 2024-12-31", "up to 50 MB", "videos up to 1 GB", "Comments"):
        assert each in said
    assert "Nothing is sent anywhere but to Telegram;" in said
    assert "`tgvault logout phone`" in said
    assert "allow in one of Telegram's own apps" in said


def test_what_is_not_read_is_not_said() -> None:
    said = "\n".join(
        reads(TakeoutConfig(categories=(), media=(), takeout=False, server="host:1"), source="x", way="qr")
    )

    assert "Chats:" not in said
    assert "Files: none." in said
    assert "data export" not in said
    assert "to the server `host:1`;" in said


def test_of_a_bot_it_is_said_what_a_bot_reads() -> None:
    said = "\n".join(reads(TakeoutConfig(exclude=("Ben",), max_size="5 MB"), source="helper", way="bot"))

    for each in ("that the bot was sent in private chats and basic groups", "all of them; without Ben", "up to 5 MB"):
        assert each in said
    for each in ("`takeout = false` into `[sources.helper]`", "`tgvault logout helper`", "can use the bot,"):
        assert each in said
    for each in ("asks Telegram for a data export", "have left", "one more device", "account"):
        assert each not in said


def test_a_bot_without_an_export_is_not_told_of_one() -> None:
    assert "export" not in "\n".join(reads(TakeoutConfig(takeout=False), source="helper", way="bot"))


def test_nothing_secret_is_logged_or_written(
    server: LoopbackServer,
    config: TakeoutConfig,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    server.account.password = PASSWORD
    caplog.set_level(logging.DEBUG)
    drawer = Drawer()

    enter(config, drawer, Person(PHONE, "12345", PASSWORD), "phone")
    leave(config, drawer)

    printed = "".join(capfd.readouterr()) + caplog.text.replace("asyncio", "")
    for secret in (API_HASH, "12345", PASSWORD, "15550100", "telethon"):
        assert secret not in printed
    assert [path.name for path in tmp_path.iterdir()] == ["server.pem"]
