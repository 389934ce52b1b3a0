"""One TCP connection of a client."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections.abc import Callable

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from tgvault.testing.telegram.auth_keys import AuthKey, Session
from tgvault.testing.telegram.dispatch import Outcome, dispatch
from tgvault.testing.telegram.faults import Delay, Drop, ForgetKey, NewSalt, NoAnswer
from tgvault.testing.telegram.framing import Framing, detect
from tgvault.testing.telegram.handshake import Handshake
from tgvault.testing.telegram.packing import MessageIds, Piece, error, pack, result, unpack
from tgvault.testing.telegram.sealing import Opened, open_sealed, seal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import World

__all__ = ["Connection"]

#: What a client is told whose key nobody knows: https://core.telegram.org/mtproto/mtproto-transports#transport-errors .
_UNKNOWN_KEY = struct.pack("<i", -404)
#: Sessions of a key that are remembered; a client makes a new one with every connection.
_SESSIONS = 64
_BAD_SALT = 48


class Connection(asyncio.Protocol):
    """Reads packets, keeps the rules of the session, and sends what comes out of `dispatch`."""

    def __init__(self, world: World, dc: int, *, open_ones: set[Connection]) -> None:
        self._world = world
        self._dc = dc
        self._open_ones = open_ones
        self._transport: asyncio.Transport | None = None
        self._framing: Framing | None = None
        self._start = b""
        self._handshake = Handshake()
        self._ids = MessageIds()
        self._sent = 0
        self.key: AuthKey | None = None
        self._session: Session | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open_ones.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be forgotten."""
        self._open_ones.discard(self)
        self._transport = None

    def close(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came; a client that breaks the protocol is cut off."""
        if self._framing is None:
            self._start += data
            found = detect(self._start)
            if found is None:
                return
            self._framing, data = found
        try:
            for packet in self._framing.feed(data):
                self._packet(packet)
        except (BufferError, TypeNotFoundError, ValueError, struct.error):
            self.close()
        except Exception as failure:  # kept, and raised by `LoopbackServer.stop`
            self._world.failures.append(failure)
            self.close()

    def _packet(self, packet: bytes) -> None:
        if packet[:8] == bytes(8):
            self._plain(packet)
            return
        key = self._world.keys.find(packet[:8], dc=self._dc)
        if key is None:
            self._send(_UNKNOWN_KEY)
            self.close_softly()
            return
        self.key = key
        self._sealed(open_sealed(packet, key.data), key)

    def close_softly(self) -> None:
        """Close once everything is sent."""
        if self._transport is not None:
            self._transport.close()

    def _plain(self, packet: bytes) -> None:
        """A step of the handshake: https://core.telegram.org/mtproto/description#unencrypted-message ."""
        (length,) = struct.unpack_from("<i", packet, 16)
        answer = self._handshake.answer(BinaryReader(packet[20 : 20 + length]).tgread_object())
        data: bytes = answer._bytes()
        self._send(struct.pack("<qqi", 0, self._ids.next(answer=True), len(data)) + data)
        if self._handshake.key is not None:
            self._world.keys.add(self._handshake.key, dc=self._dc)
            self._handshake = Handshake()

    def _sealed(self, opened: Opened, key: AuthKey) -> None:
        if opened.salt != key.salt:
            self._session = key.sessions.get(opened.session_id) or Session(opened.session_id)
            self._write([_bad_salt(opened.message_id, opened.number, key.salt)])
            return
        pieces = self._greet(opened, key)
        acknowledged = []
        for message_id, number, body in unpack(opened.message_id, opened.number, opened.body):
            if number % 2:
                acknowledged.append(message_id)
            self._message(message_id, number, body, pieces, key)
        if acknowledged:
            pieces.insert(0, Piece(types.MsgsAck(acknowledged)._bytes(), content=False, answer=False))
        if pieces:
            self._write(pieces)

    def _greet(self, opened: Opened, key: AuthKey) -> list[Piece]:
        """Tell the client that its session is new, if it is."""
        known = key.sessions.get(opened.session_id)
        if known is not None:
            self._session = known
            return []
        while len(key.sessions) >= _SESSIONS:
            key.sessions.pop(next(iter(key.sessions)))
        self._session = key.sessions[opened.session_id] = Session(opened.session_id)
        unique = int.from_bytes(os.urandom(7), "little")
        return [Piece(types.NewSessionCreated(opened.message_id, unique, key.salt)._bytes(), answer=False)]

    def _message(self, message_id: int, number: int, body: bytes, pieces: list[Piece], key: AuthKey) -> None:
        service = _SERVICE.get(int.from_bytes(body[:4], "little"))
        if service is not None:
            pieces += service(message_id, BinaryReader(body).tgread_object(), key)
            return
        assert self._session is not None
        outcome = dispatch(self._world, body, key=key, session=self._session, dc=self._dc)
        if outcome.strike is None:
            pieces.append(_answer(message_id, outcome))
        else:
            self._strike(message_id, number, outcome, pieces, key)

    def _strike(self, message_id: int, number: int, outcome: Outcome, pieces: list[Piece], key: AuthKey) -> None:
        """Do what a fault asks for beyond another answer."""
        strike = outcome.strike
        if isinstance(strike, NewSalt):
            key.renew_salt()
            pieces.append(_bad_salt(message_id, number, key.salt))
        elif isinstance(strike, Drop):
            self._cut(_answer(message_id, outcome), strike.bytes)
        elif isinstance(strike, ForgetKey):
            self._world.keys.forget(key)
            self._send(_UNKNOWN_KEY)
            self.close_softly()
        elif isinstance(strike, Delay):
            answer = [_answer(message_id, outcome)]
            asyncio.get_running_loop().call_later(strike.seconds, self._write, answer)
        elif not isinstance(strike, NoAnswer):
            pieces.append(_answer(message_id, outcome))

    def push(self, update: Tl) -> None:
        """Send an update, if the client wants any."""
        if self._session is not None and not self._session.silent:
            self._write([Piece(update._bytes(), answer=False)])

    def _cut(self, piece: Piece, length: int) -> None:
        """Send the beginning of an answer and cut the connection."""
        if self._transport is None or self._framing is None:
            return
        self._transport.write(self._framing.frame(self._packed([piece]))[:length])
        self.close_softly()
        self._transport = None

    def _write(self, pieces: list[Piece]) -> None:
        self._send(self._packed(pieces))

    def _packed(self, pieces: list[Piece]) -> bytes:
        assert self.key is not None
        assert self._session is not None
        message = pack(pieces, self._ids, number=self._sent)
        self._sent += sum(piece.content for piece in pieces)
        head = struct.pack("<qq", self.key.salt, self._session.id)
        return seal(head + message, key=self.key.data, key_id=self.key.id)

    def _send(self, packet: bytes) -> None:
        if self._transport is not None and self._framing is not None:
            self._transport.write(self._framing.frame(packet))


def _answer(message_id: int, outcome: Outcome) -> Piece:
    if outcome.refusal is not None or outcome.data is None:
        assert outcome.refusal is not None
        return error(message_id, outcome.refusal)
    return result(message_id, outcome.data, compress=outcome.compress)


def _bad_salt(message_id: int, number: int, salt: int) -> Piece:
    return Piece(types.BadServerSalt(message_id, number, _BAD_SALT, salt)._bytes(), content=False)


def _pong(message_id: int, request: Tl, key: AuthKey) -> list[Piece]:
    return [Piece(types.Pong(message_id, request.ping_id)._bytes(), content=False)]


def _future_salts(message_id: int, request: Tl, key: AuthKey) -> list[Piece]:
    now = int(time.time())
    salts = [types.FutureSalt(now, now + 1800, key.salt)]
    return [Piece(types.FutureSalts(message_id, now, salts)._bytes())]


def _destroy_session(message_id: int, request: Tl, key: AuthKey) -> list[Piece]:
    known = key.sessions.pop(request.session_id, None)
    kind = types.DestroySessionNone if known is None else types.DestroySessionOk
    return [Piece(kind(request.session_id)._bytes())]


def _message_states(message_id: int, request: Tl, key: AuthKey) -> list[Piece]:
    # 4: received. https://core.telegram.org/mtproto/service_messages_about_messages
    info = types.MsgsStateInfo(message_id, b"\x04" * len(request.msg_ids))
    return [Piece(info._bytes(), content=False)]


def _drop_answer(message_id: int, request: Tl, key: AuthKey) -> list[Piece]:
    return [result(message_id, types.RpcAnswerUnknown()._bytes(), compress=False)]


def _nothing(message_id: int, request: Tl, key: AuthKey) -> list[Piece]:
    return []


#: Messages about messages, by constructor: they are no requests and are not logged.
_SERVICE: dict[int, Callable[[int, Tl, AuthKey], list[Piece]]] = {
    types.MsgsAck.CONSTRUCTOR_ID: _nothing,
    types.MsgsStateInfo.CONSTRUCTOR_ID: _nothing,
    types.MsgsAllInfo.CONSTRUCTOR_ID: _nothing,
    types.MsgsStateReq.CONSTRUCTOR_ID: _message_states,
    functions.PingRequest.CONSTRUCTOR_ID: _pong,
    functions.PingDelayDisconnectRequest.CONSTRUCTOR_ID: _pong,
    functions.GetFutureSaltsRequest.CONSTRUCTOR_ID: _future_salts,
    functions.DestroySessionRequest.CONSTRUCTOR_ID: _destroy_session,
    functions.RpcDropAnswerRequest.CONSTRUCTOR_ID: _drop_answer,
}
