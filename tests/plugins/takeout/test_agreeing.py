"""Whoever stands between can answer anything before a key is agreed upon: it ends, soon, and with one error."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.crypto import rsa
from telethon.errors import SecurityError
from telethon.network import authenticator
from telethon.tl import types

from account_support import API_HASH, ada, config_of, now, quickly, serving
from tgvault.api import SourceUnavailableError
from tgvault.testing.telegram import LoopbackServer, handshake
from tgvault.testing.telegram.handshake import Handshake
from tgvault.testing.telegram.tl import Encoded
from tgvault_plugins.takeout.agreeing import factorize
from tgvault_plugins.takeout.connecting import connect
from tgvault_plugins.takeout.session import AccountSession

#: Primes: the largest one of a legal number's size, two that make one, and one that is far too large.
LARGEST, P, Q, HUGE = 9223372036854775783, 3037000453, 3037000493, (1 << 521) - 1
FAKE = "not from the server that it should be from"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    quickly(monkeypatch)
    with serving(ada()) as server:
        yield server


def told(server: LoopbackServer, folder: Path) -> str:
    """What somebody is told who connects for the first time."""
    with pytest.raises(SourceUnavailableError) as caught:
        asyncio.run(connect(config_of(server, folder), AccountSession(1, API_HASH), now=now))
    return str(caught.value)


@pytest.mark.parametrize(
    "pq",
    [
        b"",
        b"\0",
        b"\1",
        b"\3",
        b"\xff" * 8,
        LARGEST.to_bytes(8, "big"),
        b"\0" + (HUGE * HUGE).to_bytes(131, "big"),
        (HUGE * HUGE).to_bytes(131, "big"),
    ],
)
def test_a_number_that_no_server_would_send_is_refused_at_once(
    server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pq: bytes
) -> None:
    monkeypatch.setattr(handshake, "_PQ", pq)

    assert FAKE in told(server, tmp_path)


#: Answers to the first step that are none: other objects, lists within lists without an end, half an object.
NO_ANSWERS: dict[str, Callable[[], Any]] = {
    "another object": lambda: types.Pong(1, 2),
    "a boolean": lambda: Encoded(struct.pack("<I", 0x997275B5)),
    "nobody's object": lambda: Encoded(b"\1\2\3\4"),
    "half an object": lambda: Encoded(types.ResPQ(1, 2, b"", [3])._bytes()[:30]),
    "another nonce": lambda: types.ResPQ(1, 2, b"\x0f", [3]),
    "lists in lists": lambda: Encoded(struct.pack("<Ii", 0x1CB5C415, 1) * 5_000),
    "no list": lambda: Encoded(types.ResPQ(1, 2, b"", [])._bytes()[:-8] + bytes(8)),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_an_answer_that_is_none_is_one_of_ours_in_the_end(
    server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Handshake, "answer", lambda self, request: NO_ANSWERS[name]())

    assert told(server, tmp_path)


def test_parameters_that_only_the_keys_owner_could_make_are_not_made_up(
    server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Handshake._parameters

    def scrambled(self: Handshake, request: Any) -> Any:
        answer = made(self, request)
        answer.encrypted_answer = answer.encrypted_answer[::-1]
        return answer

    monkeypatch.setattr(Handshake, "_parameters", scrambled)

    assert FAKE in told(server, tmp_path)


def test_a_server_that_owns_none_of_the_keys_is_not_believed(server: LoopbackServer, tmp_path: Path) -> None:
    config = config_of(server, tmp_path)
    session = AccountSession(1, API_HASH)
    assert config.server is not None
    host, _, port = config.server.partition(":")
    session.set_dc(2, host, int(port))

    with pytest.raises(SourceUnavailableError, match=FAKE):
        asyncio.run(connect(type(config)(), session, now=now))


@given(st.sampled_from([3, 65_537, 1_000_003, P, Q]), st.sampled_from([5, 65_521, 1_000_033, P, Q]))
def test_two_primes_are_found_the_smaller_one_first(p: int, q: int) -> None:
    assert factorize(p * q) == (min(p, q), max(p, q))


@given(st.integers(max_value=1 << 70))
def test_any_number_is_taken_apart_or_refused_soon(pq: int) -> None:
    try:
        p, q = factorize(pq)
    except SecurityError:
        return

    assert 1 < p <= q
    assert p * q == pq


def test_telethons_steps_take_their_keys_and_factors_from_where_ours_are_put() -> None:
    assert authenticator.rsa is rsa
    assert {"rsa", "encrypt", "get_byte_array", "Factorization", "factorize"} <= set(
        authenticator.do_authentication.__code__.co_names
    )
