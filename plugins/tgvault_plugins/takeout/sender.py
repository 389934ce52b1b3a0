"""Telethon's sender without what it does on its own account: sending again, and keeping what nobody asked for."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from telethon.errors import SecurityError
from telethon.network import MTProtoPlainSender, MTProtoSender

from tgvault_plugins.takeout.agreeing import agree
from tgvault_plugins.takeout.bounds import unpacking
from tgvault_plugins.takeout.keys import ServerKeys

__all__ = ["AccountSender"]

#: How often a request is sent again because the server wants another salt or another time in it. A connection that
#: begins needs both once; who asks goes on after a pause.
CORRECTIONS = 3


class _Nowhere:
    """A queue of updates that nobody takes out."""

    def put_nowait(self, update: object) -> None:
        """Drop it."""


class AccountSender(MTProtoSender):  # type: ignore[misc]  # Telethon is not typed
    """Sends requests over one connection to a server that owns one of `keys`.

    When the connection is lost, everything that waits fails with ConnectionError, and nothing is sent again: whoever
    asked knows whether to, and when. `connect` makes a new connection. Without `updates`, a queue, they are dropped.
    """

    def __init__(self, auth_key: Any, *, keys: ServerKeys, updates: Any = None, **more: Any) -> None:
        super().__init__(
            auth_key, auto_reconnect=False, updates_queue=_Nowhere() if updates is None else updates, **more
        )
        self._server_keys = keys
        self._corrected: WeakKeyDictionary[asyncio.Future[Any], int] = WeakKeyDictionary()
        self._decrypt = self._state.decrypt_message_data
        self._state.decrypt_message_data = self._decrypted

    async def connect(self, connection: Any) -> bool:
        """Connect; False if it is connected already.

        Raises:
            telethon.errors.SecurityError: it is not a server that owns one of the keys.
            OSError, EOFError, BufferError: there is no connection.
        """
        if self._reconnect_task is not None:
            # It would end the new connection with the old one.
            await asyncio.wait({self._reconnect_task})
        try:
            is_new: bool = await super().connect(connection)
        except BaseException:
            await self._disconnect()
            raise
        return is_new

    def give_up(self) -> None:
        """Let everything that waits fail, and end the connection."""
        self._start_reconnect(ConnectionError("the connection was lost"))

    async def _try_gen_auth_key(self, attempt: int) -> bool:
        try:
            plain = MTProtoPlainSender(self._connection, loggers=self._loggers)
            self.auth_key.key, self._state.time_offset = await agree(plain, self._server_keys)
        except SecurityError:
            # A server that is right may ask to begin anew: https://core.telegram.org/mtproto/auth_key .
            if attempt > self._retries:
                raise
            await asyncio.sleep(self._delay)
            return False
        if self._auth_key_callback:
            await self._auth_key_callback(self.auth_key)
        return True

    async def _disconnect(self, error: BaseException | None = None) -> None:
        if error is None or isinstance(error, EOFError):
            error = ConnectionError("the connection was lost")
        try:
            await super()._disconnect(error)
        finally:
            self._reconnecting, self._ping = False, None
            for state in self._send_queue._deque:
                if not state.future.done():
                    state.future.set_exception(error)
            self._send_queue._deque.clear()

    def _pop_states(self, msg_id: int) -> list[Any]:
        """Give what is to be sent again, but for what nobody waits for, and what was sent again too often."""
        return [state for state in super()._pop_states(msg_id) if self._may_be_sent_again(state.future)]

    def _may_be_sent_again(self, answer: asyncio.Future[Any]) -> bool:
        if answer.done():
            return False
        count = self._corrected[answer] = self._corrected.get(answer, 0) + 1
        if count > CORRECTIONS:
            answer.set_exception(ConnectionError("the server corrects a request again and again"))
        return count <= CORRECTIONS

    def _decrypted(self, body: bytes) -> Any:
        with unpacking():
            return self._decrypt(body)

    async def _process_message(self, message: Any) -> None:
        with unpacking():
            await super()._process_message(message)
