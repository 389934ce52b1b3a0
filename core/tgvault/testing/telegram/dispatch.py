"""From a request to its answer: wrappings, access, faults, the method itself, and the log of it all."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import functions

from tgvault.testing.telegram.auth_keys import AuthKey, Session
from tgvault.testing.telegram.calls import Call
from tgvault.testing.telegram.faults import (
    Answer,
    ChangeFile,
    Delay,
    Drop,
    ForgetKey,
    NewSalt,
    NoAnswer,
    Refuse,
    Strike,
)
from tgvault.testing.telegram.methods import METHODS
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl, encode, method_name
from tgvault.testing.telegram.world import CDN_DC, Invocation, World

__all__ = ["Outcome", "dispatch"]

#: What Telethon raises for bytes that are no object.
_UNREADABLE = (TypeNotFoundError, BufferError, IndexError, TypeError, ValueError, struct.error)

_PLAIN_WRAPPERS = (
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
    functions.InvokeWithLayerRequest,
)


@dataclass(slots=True)
class Outcome:
    """How a request ends: with data, with an error, or with a fault."""

    data: bytes | None = field(default=None, repr=False)
    refusal: Refusal | None = None
    #: Bytes of files do not get shorter.
    compress: bool = True
    strike: Strike | None = None


def dispatch(world: World, body: bytes, *, key: AuthKey, session: Session, dc: int) -> Outcome:
    """Answer one request; never raises for what a client may send."""
    try:
        request = BinaryReader(body).tgread_object()
        invocation = _unwrap(Invocation(world, key, session, dc, "", request))
    except _UNREADABLE:
        return Outcome(refusal=Refusal("INPUT_METHOD_INVALID"))
    strike = world.faults.strike(invocation.method, invocation.request, dc=dc)
    outcome = _carry_out(invocation, strike)
    world.calls.add(lambda index, at: _logged(invocation, outcome, index, at))
    return outcome


def _unwrap(invocation: Invocation) -> Invocation:
    """Take off everything around the request that says how to carry it out."""
    while True:
        request = invocation.request
        if isinstance(request, functions.InvokeWithTakeoutRequest):
            invocation.takeout_id = request.takeout_id
        elif isinstance(request, functions.InvokeWithMessagesRangeRequest):
            invocation.range = (request.range.min_id, request.range.max_id)
        elif isinstance(request, functions.InvokeWithoutUpdatesRequest):
            invocation.session.silent = True
        elif isinstance(request, functions.InitConnectionRequest):
            invocation.session.silent = False
        elif not isinstance(request, _PLAIN_WRAPPERS):
            invocation.method = method_name(request)
            return invocation
        invocation.request = request.query


def _carry_out(invocation: Invocation, strike: Strike | None) -> Outcome:
    if isinstance(strike, Refuse):
        return Outcome(refusal=Refusal(strike.name, code=strike.code), strike=strike)
    if isinstance(strike, NewSalt | NoAnswer | ForgetKey):
        return Outcome(strike=strike)
    if isinstance(strike, Answer):
        return Outcome(data=encode(strike.value), strike=strike)
    try:
        data = _call(invocation, strike)
    except Refusal as refusal:
        return Outcome(refusal=refusal, strike=strike)
    except Exception as failure:  # kept, and raised by `LoopbackServer.stop`
        invocation.world.failures.append(failure)
        return Outcome(refusal=Refusal("LOOPBACK_SERVER_FAILED"))
    return Outcome(data=data, compress=invocation.part is None, strike=strike)


def _call(invocation: Invocation, strike: Strike | None) -> bytes:
    method = METHODS.get(type(invocation.request))
    if method is None:
        raise Refusal("INPUT_METHOD_INVALID")
    with invocation.account.lock:
        if method.login:
            _check_access(invocation, bots=method.bots)
        if (invocation.dc == CDN_DC) != method.cdn:
            raise Refusal("CDN_METHOD_INVALID")
        answer: Tl = method.carry_out(invocation)
        if isinstance(strike, ChangeFile) and invocation.part is not None:
            answer.bytes = strike.change(answer.bytes)
            invocation.part = replace(invocation.part, given=len(answer.bytes))
        return encode(answer)


def _check_access(invocation: Invocation, *, bots: bool) -> None:
    """See that somebody is logged in who may call this, and that the takeout is a real one."""
    account, user_id = invocation.account, invocation.user_id
    if not bots and user_id in account.bot_tokens.values():
        raise Refusal("BOT_METHOD_INVALID")
    if invocation.takeout_id is not None and account.takeouts.get(invocation.takeout_id) != user_id:
        raise Refusal("TAKEOUT_INVALID")


def _logged(invocation: Invocation, outcome: Outcome, index: int, at: float) -> Call:
    return Call(
        index=index,
        at=at,
        dc=invocation.dc,
        method=invocation.method,
        request=invocation.request,
        takeout_id=invocation.takeout_id,
        range=invocation.range,
        outcome=_word(outcome),
        part=invocation.part,
    )


def _word(outcome: Outcome) -> str:
    if outcome.refusal is not None:
        return outcome.refusal.name
    words: dict[type[Strike], str] = {
        Answer: "other answer",
        Drop: "dropped",
        NewSalt: "new salt",
        NoAnswer: "no answer",
        ForgetKey: "forgotten key",
        ChangeFile: "changed file",
        Delay: "ok",
    }
    return words.get(type(outcome.strike), "ok") if outcome.strike else "ok"
