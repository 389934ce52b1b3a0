"""Faults on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import with_login
from tgvault.testing.telegram.faults import Answer, Fault, Faults, Refuse
from tgvault.testing.telegram.refusal import code_of
from tgvault.testing.telegram.tl import Encoded

Ask = Callable[..., Any]
NEAREST = functions.help.GetNearestDcRequest


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("FLOOD_WAIT_75", 420, errors.FloodWaitError),
        ("FLOOD_PREMIUM_WAIT_75", 420, errors.FloodPremiumWaitError),
        ("TAKEOUT_INIT_DELAY_86400", 420, errors.TakeoutInitDelayError),
        ("TAKEOUT_INVALID", 400, errors.TakeoutInvalidError),
        ("TAKEOUT_REQUIRED", 403, errors.TakeoutRequiredError),
        ("FILE_REFERENCE_EXPIRED", 400, errors.FileReferenceExpiredError),
        ("FILE_MIGRATE_4", 303, errors.FileMigrateError),
        ("LOCATION_INVALID", 400, errors.LocationInvalidError),
        ("CHANNEL_PRIVATE", 400, errors.ChannelPrivateError),
        ("CHAT_ADMIN_REQUIRED", 400, errors.ChatAdminRequiredError),
        ("AUTH_KEY_UNREGISTERED", 401, errors.AuthKeyUnregisteredError),
        ("SESSION_REVOKED", 401, errors.SessionRevokedError),
        ("SESSION_PASSWORD_NEEDED", 401, errors.SessionPasswordNeededError),
        ("AUTH_KEY_DUPLICATED", 406, errors.AuthKeyDuplicatedError),
        ("USER_DEACTIVATED_BAN", 401, errors.UserDeactivatedBanError),
        ("PHONE_MIGRATE_4", 303, errors.PhoneMigrateError),
        ("ANYTHING_ELSE", 400, errors.BadRequestError),
    ],
)
def test_an_error_comes_by_its_name(telegram: LoopbackServer, ask: Ask, name: str, code: int, error: Any) -> None:
    telegram.faults.add(Fault(Refuse(name), method="help.getNearestDc"))

    with pytest.raises(error):
        ask(NEAREST())

    assert code_of(name) == code
    assert telegram.calls.all("help.getNearestDc")[0].outcome == name


def test_a_timeout_of_the_server_is_a_500(telegram: LoopbackServer) -> None:
    telegram.faults.add(Fault(Refuse("TIMEOUT"), method="help.getNearestDc"))

    async def do(client: TelegramClient) -> None:
        await client._sender.send(NEAREST())

    with pytest.raises(errors.TimedOutError):
        with_login(telegram, do)


def test_a_code_may_be_chosen(telegram: LoopbackServer, ask: Ask) -> None:
    telegram.faults.add(Fault(Refuse("SOMETHING", code=403), method="help.*"))
    telegram.faults.clear()
    telegram.faults.add(Fault(Refuse("SOMETHING", code=403), method="help.getNearestDc"))

    with pytest.raises(errors.ForbiddenError):
        ask(NEAREST())


@pytest.mark.parametrize("answer", [types.Pong(1, 2), [types.Pong(1, 2)], True, Encoded(types.Pong(1, 2)._bytes())])
def test_anything_may_be_answered(telegram: LoopbackServer, ask: Ask, answer: Any) -> None:
    telegram.faults.add(Fault(Answer(answer), method="help.getNearestDc"))

    found = ask(NEAREST())

    assert found == (types.Pong(1, 2) if isinstance(answer, Encoded) else answer)
    assert telegram.calls.all("help.getNearestDc")[0].outcome == "other answer"


def test_a_fault_strikes_where_and_as_often_as_it_was_told(telegram: LoopbackServer) -> None:
    fault = Fault(
        Refuse("CHANNEL_PRIVATE"),
        method="users.*",
        after=1,
        times=2,
        when=lambda request: len(request.id) == 2,
        dc=2,
    )
    elsewhere = Fault(Refuse("CHANNEL_PRIVATE"), method="users.*", dc=4)
    telegram.faults.add(fault, elsewhere)

    async def do(client: TelegramClient) -> list[bool]:
        outcomes = []
        for count in (1, 2, 2, 1, 2, 2):
            try:
                await client(functions.users.GetUsersRequest([types.InputUserSelf()] * count))
            except errors.ChannelPrivateError:
                outcomes.append(False)
            else:
                outcomes.append(True)
        return outcomes

    assert telegram.faults.pending() == (fault, elsewhere)
    assert with_login(telegram, do) == [True, True, False, True, False, True]
    assert telegram.faults.strikes(fault) == 2
    assert telegram.faults.pending() == (elsewhere,)


def test_a_fault_without_end_goes_on() -> None:
    faults, fault = Faults(), Fault(Refuse("FLOOD_WAIT_1"), method="messages.*", times=None)
    faults.add(fault)

    strikes = [faults.strike("messages.getHistory", None, dc=2) for _ in range(3)]

    assert strikes == [fault.does] * 3
    assert (faults.strikes(fault), faults.pending()) == (3, ())
    assert faults.strike("help.getConfig", None, dc=2) is None


def test_the_log_says_what_was_asked_and_forgets_when_told(telegram: LoopbackServer, ask: Ask) -> None:
    ask(NEAREST())

    call = telegram.calls.all("help.getNearestDc")[0]
    assert (call.dc, call.takeout_id, call.range, call.outcome) == (2, None, None, "ok")
    assert [each.index for each in telegram.calls] == list(range(len(telegram.calls)))
    telegram.calls.clear()
    assert len(telegram.calls) == 0
