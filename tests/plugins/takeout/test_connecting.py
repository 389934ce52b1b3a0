"""Which server is asked, and which keys it is known by."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rsa import PublicKey

from account_support import API_HASH
from tgvault.api import ConfigError, NotSignedInError
from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.rsa_key import FINGERPRINT
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.connecting import prepare
from tgvault_plugins.takeout.keys import TELEGRAM
from tgvault_plugins.takeout.session import AccountSession

PEM = LoopbackServer.public_key


def a_session(dc: int = 0) -> AccountSession:
    session = AccountSession(1, API_HASH, source="phone")
    if dc:
        session.set_dc(dc, "old", 1)
    return session


def where(session: AccountSession) -> tuple[int, str, int]:
    return session.dc_id, session.server_address, session.port


def test_without_a_server_it_is_telegrams_own() -> None:
    session = a_session()
    prepare(TakeoutConfig(), session)

    assert where(session) == (2, "149.154.167.51", 443)


def test_a_session_knows_its_server() -> None:
    session = a_session(4)
    prepare(TakeoutConfig(), session)

    assert where(session) == (4, "old", 1)


def test_a_server_that_is_configured_goes_before_what_the_session_knows(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(PEM)
    config = TakeoutConfig(server="host:7", server_dc=4, server_keys=tmp_path / "keys")
    new, same, other = a_session(), a_session(4), a_session(2)
    for session in (new, same, other):
        prepare(config, session)

    assert where(new) == where(same) == (4, "host", 7)
    assert where(other) == (2, "old", 1)


def test_keys_are_taken_in_either_form_and_several_at_once(tmp_path: Path) -> None:
    # The same key, with the wrapping of newer files around it.
    body = PublicKey.load_pkcs1(PEM.encode()).save_pkcs1("DER")
    head = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00")
    wrapped = _pem(head + body)
    session = a_session()

    for text in (PEM, wrapped, f"a note\n{PEM}\n{wrapped}"):
        (tmp_path / "keys").write_text(text)
        prepare(TakeoutConfig(server="h:1", server_keys=tmp_path / "keys"), session)

        assert set(session.server_keys.by_fingerprint) == {FINGERPRINT}


def test_keys_of_a_server_are_good_for_its_own_session_alone(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(PEM)
    mine, other = a_session(), a_session()

    prepare(TakeoutConfig(server="h:1", server_keys=tmp_path / "keys"), mine)
    prepare(TakeoutConfig(), other)

    assert set(mine.server_keys.by_fingerprint) == {FINGERPRINT}
    assert other.server_keys is TELEGRAM
    assert FINGERPRINT not in TELEGRAM.by_fingerprint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file"),
        ("", "no RSA public key of 2048 bits in it"),
        ("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----", "no RSA public key of 2048 bits in it"),
        ("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----", "no RSA public key of 2048 bits in it"),
        (PublicKey(3 << 4094, 65537).save_pkcs1().decode(), "no RSA public key of 2048 bits in it"),
    ],
)
def test_a_file_without_keys_is_told_of(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "keys").write_text(text)

    with pytest.raises(ConfigError, match=told) as caught:
        prepare(TakeoutConfig(server="h:1", server_keys=tmp_path / "keys"), a_session())

    assert str(caught.value).startswith("`server_keys`: ")
    assert "PEM" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkfifo, "it is no plain file"),
        (Path.mkdir, "(?i)is a directory"),
        (lambda path: path.write_bytes(bytes(1_000_001)), "it is larger than 1 MB"),
    ],
)
def test_only_a_plain_file_is_read_and_not_for_ever(tmp_path: Path, make: Callable[[Path], object], told: str) -> None:
    make(tmp_path / "keys")

    with pytest.raises(ConfigError, match=told):
        prepare(TakeoutConfig(server="h:1", server_keys=tmp_path / "keys"), a_session())


@pytest.mark.parametrize(
    ("config", "key"),
    [
        (TakeoutConfig(), "server"),
        (TakeoutConfig(server="h:2"), "server"),
        (TakeoutConfig(server="[::1]:1"), "server"),
        (TakeoutConfig(server="h:1", api_id=2), "api_id"),
    ],
)
def test_a_session_of_somebody_is_used_with_what_it_was_made_with(config: TakeoutConfig, key: str) -> None:
    session = a_session()
    prepare(TakeoutConfig(server="h:1"), session)
    session.user_id = 5
    prepare(TakeoutConfig(server="h:1", api_id=1), session)

    with pytest.raises(NotSignedInError, match=f"`phone` has another `{key}`"):
        prepare(config, session)


def _pem(der: bytes) -> str:
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(der).decode()}-----END PUBLIC KEY-----\n"
