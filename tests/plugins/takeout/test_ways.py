"""What Telegram may answer while somebody logs in, beyond what the loopback server does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from telethon.errors import PhoneNumberUnoccupiedError, SessionPasswordNeededError, SrpIdInvalidError
from telethon.tl import types
from telethon.tl.types import auth

from account_support import API_HASH, Person, now
from tgvault.api import SourceRefusedError
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.ways import WAYS, Line, _lifetime

ADA = types.User(5, first_name="Ada")
LOGGED_IN = auth.Authorization(ADA)


class Scripted:
    """Answers requests in this order."""

    session = SimpleNamespace(api_id=1, api_hash=API_HASH)

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    async def call(self, request: Any) -> Any:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def sent(way: Any, following: Any = None) -> auth.SentCode:
    return auth.SentCode(way, "hash", next_type=following)


def by_phone(person: Person, *answers: Any) -> types.User:
    line = Line(cast("AccountClient", Scripted(*answers)), person, now, lambda: None)
    return asyncio.run(_awaited(WAYS["phone"](line)))


async def _awaited(work: Any) -> Any:
    return await work


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (auth.SentCodeTypeApp(5), "to your Telegram app on another device"),
        (auth.SentCodeTypeSms(5), "by SMS"),
        (auth.SentCodeTypeSmsWord("a"), "by SMS"),
        (auth.SentCodeTypeSmsPhrase("a"), "by SMS"),
        (auth.SentCodeTypeCall(5), "calls you and says"),
        (auth.SentCodeTypeFlashCall("+4*"), "the number that calls is the code"),
        (auth.SentCodeTypeMissedCall("+4", 6), "the last 6 digits"),
        (auth.SentCodeTypeEmailCode("a*@b.c", 6), "to a*@b.c"),
        (auth.SentCodeTypeFragmentSms("https://fragment.com/x", 5), "at https://fragment.com/x"),
        (auth.SentCodeTypeFirebaseSms(5), "Telegram has sent a code."),
    ],
)
def test_it_is_told_where_the_code_is(way: Any, told: str) -> None:
    person = Person("+43 664 1234567", "12345")

    assert by_phone(person, sent(way), LOGGED_IN) is ADA
    assert told in person.told[0]
    assert "again" not in person.told[0]


def test_it_is_told_that_there_is_another_way() -> None:
    person = Person("+43 664 1234567", "12345")

    by_phone(person, sent(auth.SentCodeTypeApp(5), auth.CodeTypeSms()), LOGGED_IN)

    assert person.told[0].endswith("To have it sent another way, type `again`.")


def test_who_is_known_already_needs_no_code() -> None:
    assert by_phone(Person("+43 664 1234567"), auth.SentCodeSuccess(LOGGED_IN)) is ADA


def test_an_account_that_wants_an_address_first_is_sent_to_an_app() -> None:
    with pytest.raises(SourceRefusedError, match="e-mail") as caught:
        by_phone(Person("+43 664 1234567"), sent(auth.SentCodeTypeSetUpEmailRequired()))

    assert "apps" in str(caught.value.hint)


def test_a_code_that_costs_money_is_not_bought() -> None:
    paid = auth.SentCodePaymentRequired("product", "hash", "subject", "a@b.c", 0, "EUR", 100)

    with pytest.raises(SourceRefusedError, match="wants to be paid") as caught:
        by_phone(Person("+43 664 1234567"), paid)

    assert "--by qr" in str(caught.value.hint)


def test_a_number_without_an_account_gets_none() -> None:
    with pytest.raises(PhoneNumberUnoccupiedError):
        by_phone(Person("+43 664 1234567", "12345"), sent(auth.SentCodeTypeApp(5)), auth.AuthorizationSignUpRequired())


def a_password(algorithm: Any) -> types.account.Password:
    return types.account.Password(
        types.PasswordKdfAlgoUnknown(),
        types.SecurePasswordKdfAlgoUnknown(),
        b"",
        has_password=True,
        current_algo=algorithm,
        srp_B=b"\1",
        srp_id=1,
    )


def test_a_proof_of_a_kind_that_cannot_be_trusted_is_not_given() -> None:
    weak = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(b"", b"", 3, b"\7" * 8)

    with pytest.raises(SourceRefusedError, match="cannot be trusted"):
        by_phone(
            Person("+43 664 1234567", "12345", "secret"),
            sent(auth.SentCodeTypeApp(5)),
            SessionPasswordNeededError(None),
            a_password(weak),
        )


def test_a_question_that_is_too_old_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgvault_plugins.takeout.ways.prove", lambda asked, secret: None)
    person = Person("+43 664 1234567", "12345", "secret", "secret")
    asked = a_password(types.PasswordKdfAlgoUnknown())

    found = by_phone(
        person,
        sent(auth.SentCodeTypeApp(5)),
        SessionPasswordNeededError(None),
        asked,
        SrpIdInvalidError(None),
        asked,
        LOGGED_IN,
    )

    assert found is ADA
    assert person.told[-1] == "Telegram asks once more."
    assert person.asked[-1] == "(secret) Two-factor password"


def test_a_code_is_renewed_in_time_whatever_the_clocks_say() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)

    spans = [_lifetime(noon + timedelta(seconds=each), noon) for each in (-5000, 1, 25, 5000)]

    assert spans == [1, 1, 24, 30]
