"""The takeout session: begun once, kept over interruptions and failures, ended when everything was fetched."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from telethon import errors
from telethon.tl.functions.account import FinishTakeoutSessionRequest, InitTakeoutSessionRequest

from tgvault.api import SourceContext, SourceDelayedError, SourceRefusedError
from tgvault_plugins.takeout.calling import Caller, TakeoutLost
from tgvault_plugins.takeout.choices import Category, ChatType
from tgvault_plugins.takeout.config import LARGEST_FILE, TakeoutConfig
from tgvault_plugins.takeout.failures import later, word_of
from tgvault_plugins.takeout.ledger.ledger import Ledger

__all__ = ["begin_takeout", "delayed", "end_takeout", "forget_takeout", "refuse_bot"]

#: The ledger's names for the id of the takeout session, and for what it was begun for.
_ID, _PURPOSE = "takeout", "takeout for"


def refuse_bot(config: TakeoutConfig) -> None:
    """Say before anything is asked that there is no takeout of a bot.

    Raises:
        SourceRefusedError: the settings want one.
    """
    if config.takeout:
        raise SourceRefusedError(
            "a bot cannot have its data exported", hint="set `takeout = false` for the source in vault.toml"
        )


async def begin_takeout(caller: Caller, ledger: Ledger, config: TakeoutConfig, context: SourceContext) -> None:
    """Go on with the takeout that was begun, or begin one; without one where the settings say so.

    Raises:
        SourceDelayedError: Telegram wants the account's owner to confirm it, or a day to pass.
        SourceRefusedError: Telegram allows none.
    """
    if not config.takeout:
        caller.takeout = None
        return
    purpose = msgspec.json.encode(_flags(config))
    # One for less gives no more, whatever the settings say now.
    known = ledger.number(_ID) if ledger.fact(_PURPOSE) == purpose else None
    if known is None:
        known = await _init(caller, config, context)
        with ledger.transaction():
            ledger.set_fact(_ID, known)
            ledger.set_fact(_PURPOSE, purpose)
    caller.takeout = known


def forget_takeout(caller: Caller, ledger: Ledger) -> None:
    """Forget a takeout that Telegram does not know any more."""
    ledger.set_fact(_ID, None)
    caller.takeout = None


async def end_takeout(caller: Caller, ledger: Ledger) -> None:
    """Tell Telegram that everything was fetched; one that it has forgotten meanwhile is ended, too."""
    if caller.takeout is None:
        return
    with suppress(TakeoutLost, errors.RPCError):
        await caller(FinishTakeoutSessionRequest(success=True))
    forget_takeout(caller, ledger)


async def _init(caller: Caller, config: TakeoutConfig, context: SourceContext) -> int:
    try:
        answer = await caller.plain(InitTakeoutSessionRequest(**_flags(config)))
    except errors.TakeoutInitDelayError as error:
        raise delayed(context.now(), error.seconds) from error
    except errors.RPCError as error:
        raise SourceRefusedError(
            f"Telegram does not allow an export of the account: {word_of(error)}",
            hint="read without one: `takeout = false` in the source's table; that is slower",
        ) from error
    number: int = answer.id
    return number


def delayed(now: datetime, seconds: int) -> SourceDelayedError:
    """Say until when Telegram wants to wait, and how to go on at once."""
    after = later(now, seconds)
    return SourceDelayedError(
        f"Telegram allows no export before {after:%Y-%m-%d %H:%M} unless you confirm it",
        hint="confirm the data export in a Telegram app on another device, where a message about it has come, and run"
        " the command again; or read without an export, which is slower: `takeout = false`",
    )


def _flags(config: TakeoutConfig) -> dict[str, Any]:
    types = set(config.chat_types) if config.chat_types is not None else set(ChatType)
    chats = config.reads(Category.CHATS)
    people = {ChatType.SAVED, ChatType.REPLIES, ChatType.CODES, ChatType.PERSONAL, ChatType.BOT}
    return {
        "contacts": config.reads(Category.CONTACTS) or config.reads(Category.FREQUENT),
        "message_users": chats and bool(types & people),
        "message_chats": chats and bool(types & {ChatType.GROUP}),
        "message_megagroups": chats and bool(types & {ChatType.PRIVATE_SUPERGROUP, ChatType.PUBLIC_SUPERGROUP}),
        "message_channels": chats and bool(types & {ChatType.PRIVATE_CHANNEL, ChatType.PUBLIC_CHANNEL}),
        "files": True,
        "file_max_size": LARGEST_FILE,
    }
