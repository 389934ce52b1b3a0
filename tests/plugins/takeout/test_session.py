"""A session comes back as it was, and shows nothing of itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.crypto import AuthKey
from telethon.tl import types

from account_support import Drawer
from key_support import all_texts
from tgvault.api import NotSignedInError, SecretError
from tgvault_plugins.takeout.session import SESSION, AccountSession, load_session

HASH = "0123456789abcdef0123456789abcdef"
KEY = bytes(range(256))


def a_session(**more: object) -> AccountSession:
    session = AccountSession(12345, HASH)
    session.set_dc(2, "127.0.0.1", 443)
    session.auth_key = AuthKey(KEY)
    for name, value in more.items():
        setattr(session, name, value)
    return session


keys = st.binary(min_size=256, max_size=256)


@given(
    home=keys,
    dc=st.integers(1, 20_000),
    host=st.sampled_from(["149.154.167.51", "2001:67c:4e8:f002::a", "localhost"]),
    port=st.integers(1, 65535),
    user=st.integers(1, 1 << 52),
    bot=st.booleans(),
    takeout=st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    server=st.sampled_from([None, "localhost:443"]),
    others=st.dictionaries(st.integers(1, 20_000), keys, max_size=5),
)
def test_a_session_comes_back_as_it_was(
    home: bytes,
    dc: int,
    host: str,
    port: int,
    user: int,
    bot: bool,
    takeout: int | None,
    server: str | None,
    others: dict[int, bytes],
) -> None:
    session = AccountSession(12345, HASH)
    session.set_dc(dc, host, port)
    session.auth_key = AuthKey(home)
    session.user_id, session.is_bot, session.takeout_id, session.server = user, bot, takeout, server
    for other, key in others.items():
        session.set_key_at(other, AuthKey(key))

    again = AccountSession.from_bytes(session.to_bytes())

    assert (again.api_id, again.api_hash) == (12345, HASH)
    assert (again.dc_id, again.server_address, again.port, again.auth_key.key) == (dc, host, port, home)
    assert (again.user_id, again.is_bot, again.takeout_id, again.server) == (user, bot, takeout, server)
    assert {other: again.key_at(other) for other in others} == {other: AuthKey(key) for other, key in others.items()}
    assert again.to_bytes() == session.to_bytes()


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: msgspec.msgpack.encode({**msgspec.msgpack.decode(data), "version": 2}),
        lambda data: msgspec.msgpack.encode({**msgspec.msgpack.decode(data), "key": b"short"}),
        lambda data: msgspec.msgpack.encode({**msgspec.msgpack.decode(data), "others": {3: b"short"}}),
    ],
)
def test_what_another_version_wrote_is_an_error_that_shows_nothing(harm: object) -> None:
    data = a_session(user_id=7).to_bytes()

    with pytest.raises(SecretError) as caught:
        AccountSession.from_bytes(harm(data), source="phone")  # type: ignore[operator]

    assert HASH not in all_texts(caught.value)
    assert "`tgvault login phone`" in str(caught.value.hint)


def test_a_session_is_kept_once_it_is_somebodys_and_whenever_it_changes() -> None:
    drawer, session = Drawer(), a_session()
    session.keep()
    session.signed_in(7, is_bot=False, secrets=drawer)
    session.keep()
    session.takeout_id = 5
    session.keep()
    session.set_key_at(4, AuthKey(KEY[::-1]))

    kept = load_session(drawer, source="phone")

    assert drawer.written == 3
    assert (kept.user_id, kept.takeout_id) == (7, 5)
    assert kept.key_at(4) == AuthKey(KEY[::-1])


def test_a_kept_session_goes_on_keeping_itself() -> None:
    drawer = Drawer()
    a_session().signed_in(7, is_bot=True, secrets=drawer)
    session = load_session(drawer, source="phone")
    session.keep()
    session.set_key_at(4, AuthKey(KEY))
    session.set_key_at(4, None)

    assert drawer.written == 3
    assert load_session(drawer, source="phone").key_at(4) is None
    assert load_session(drawer, source="phone").is_bot


def test_where_nobody_is_logged_in_there_is_no_session() -> None:
    with pytest.raises(NotSignedInError) as caught:
        load_session(Drawer(), source="phone")

    assert str(caught.value) == "nobody is logged in for source `phone`"
    assert caught.value.hint == "log in with `tgvault login phone`"


def test_nobody_met_on_the_way_is_remembered() -> None:
    session = a_session()
    session.process_entities([types.User(1, access_hash=2, first_name="Ada")])
    session.set_update_state(0, types.updates.State(1, 1, None, 1, 1))

    with pytest.raises(ValueError, match="Could not find"):
        session.get_input_entity(1)
    assert list(session.get_update_states()) == []


def test_a_clone_is_nobodys() -> None:
    clone = a_session(user_id=7).clone()

    assert (clone.user_id, clone.auth_key) == (0, None)


def test_no_file_is_written_and_nothing_secret_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = a_session(user_id=7)
    session.save()
    session.close()
    session.delete()

    assert list(tmp_path.iterdir()) == []
    assert HASH not in all_texts(session)
    assert repr(KEY)[2:40] not in all_texts(session) + all_texts(session.auth_key)
    assert SESSION == "session"
