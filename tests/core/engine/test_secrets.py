"""Secrets of a source: sealed, bound to their place, and never readable."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from key_support import all_texts
from tgvault.contracts.context import Secrets
from tgvault.crypto.age import seal
from tgvault.engine import secrets as module
from tgvault.engine.secrets import MAX_SECRET, SealedSecrets
from tgvault.errors import PluginError, SecretError, StateError
from vault_support import a_bundle

KEYS = a_bundle()
VALUE = b"a session that nobody may read"


@pytest.fixture
def phone(tmp_path: Path) -> SealedSecrets:
    return SealedSecrets(tmp_path, KEYS, "phone")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_secret_is_given_back_and_outlives_the_object(tmp_path: Path, phone: SealedSecrets) -> None:
    phone.set("session", VALUE)
    phone.set("other-2", b"")

    again: Secrets = SealedSecrets(tmp_path, KEYS, "phone")

    assert again.get("session") == VALUE
    assert again.get("other-2") == b""


@given(source=st.text(max_size=300), value=st.binary(max_size=300))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_source_has_a_folder_of_its_own(tmp_path: Path, source: str, value: bytes) -> None:
    SealedSecrets(tmp_path, KEYS, source).set("session", value)
    SealedSecrets(tmp_path, KEYS, source + "2").set("session", b"of another")

    assert SealedSecrets(tmp_path, KEYS, source).get("session") == value


def test_what_was_never_put_there_is_none(phone: SealedSecrets) -> None:
    phone.delete("session")

    assert phone.get("session") is None


def test_a_later_value_takes_the_place_of_the_earlier_one(tmp_path: Path, phone: SealedSecrets) -> None:
    phone.set("session", b"first")
    phone.set("session", VALUE)

    assert phone.get("session") == VALUE
    assert len(files(tmp_path)) == 1


def test_a_deleted_secret_leaves_nothing_not_even_of_a_writer_that_was_killed(
    tmp_path: Path, phone: SealedSecrets
) -> None:
    phone.set("session", VALUE)
    phone.set("session-2", VALUE)
    path = next(path for path in files(tmp_path) if path.name == "session.age")
    path.with_name("session.age.0123.new").write_bytes(b"half")

    phone.delete("session")

    assert [path.name for path in files(tmp_path)] == ["session-2.age"]


def test_nobody_but_the_owner_may_look(tmp_path: Path, phone: SealedSecrets) -> None:
    state = tmp_path / "state"
    SealedSecrets(state, KEYS, "phone").set("session", VALUE)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (state, *state.rglob("*"))}
    assert set(modes.values()) == {0o700, 0o600}
    assert all(mode == 0o600 for path, mode in modes.items() if path.is_file())


def test_neither_value_nor_source_is_readable_on_the_disk(tmp_path: Path) -> None:
    SealedSecrets(tmp_path, KEYS, "my-second-number").set("session", VALUE)

    laid = b"".join(str(path).encode() + path.read_bytes() for path in files(tmp_path))
    assert VALUE not in laid
    assert b"my-second-number" not in laid


def test_a_write_that_fails_leaves_the_value_that_was_there(
    tmp_path: Path, phone: SealedSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.set("session", VALUE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(module.os, "fsync", full)
        with pytest.raises(StateError, match="No space left on device") as caught:
            phone.set("session", b"the next")

    assert caught.value.hint is not None
    assert phone.get("session") == VALUE
    assert len(files(tmp_path)) == 1


def test_a_place_that_is_no_folder_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    secrets = SealedSecrets(tmp_path / "state", KEYS, "phone")

    with pytest.raises(StateError, match="cannot be written"):
        secrets.set("session", VALUE)
    with pytest.raises(SecretError, match="cannot be read"):
        secrets.get("session")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def exchange_names(path: Path) -> None:
    path.write_bytes(path.with_name("token.age").read_bytes())


def exchange_sources(path: Path) -> None:
    other = next(each for each in path.parent.parent.rglob("session.age") if each.parent != path.parent)
    path.write_bytes(other.read_bytes())


def make_up(path: Path) -> None:
    assert KEYS.data is not None
    path.write_bytes(seal(bytes(32) + VALUE, [KEYS.data.recipient]))


def make_up_nothing(path: Path) -> None:
    assert KEYS.data is not None
    path.write_bytes(seal(b"", [KEYS.data.recipient]))


@pytest.mark.parametrize("harm", [flip, cut, empty, exchange_names, exchange_sources, make_up, make_up_nothing])
def test_what_is_not_what_was_put_there_is_never_given(
    tmp_path: Path, phone: SealedSecrets, harm: Callable[[Path], None]
) -> None:
    phone.set("session", VALUE)
    path = next(each for each in files(tmp_path) if each.name == "session.age")
    phone.set("token", b"another")
    SealedSecrets(tmp_path, KEYS, "tablet").set("session", b"another")

    harm(path)

    with pytest.raises(SecretError, match="`session` of source `phone`") as caught:
        phone.get("session")
    assert "tgvault login phone" in str(caught.value.hint)
    assert VALUE.decode() not in all_texts(caught.value)


def test_a_damaged_secret_can_be_put_anew(tmp_path: Path, phone: SealedSecrets) -> None:
    phone.set("session", VALUE)
    flip(files(tmp_path)[0])

    phone.set("session", VALUE)

    assert phone.get("session") == VALUE


@pytest.mark.parametrize("name", ["", "../session", "a b", "Session", "x" * 65, "session\n"])
def test_a_name_that_could_lead_elsewhere_is_the_plugins_mistake(phone: SealedSecrets, name: str) -> None:
    with pytest.raises(PluginError):
        phone.set(name, VALUE)
    with pytest.raises(PluginError):
        phone.get(name)


def test_data_is_no_secret(phone: SealedSecrets) -> None:
    phone.set("session", bytes(MAX_SECRET))

    with pytest.raises(PluginError, match="65537 bytes"):
        phone.set("session", bytes(MAX_SECRET + 1))

    assert phone.get("session") == bytes(MAX_SECRET)


def test_it_shows_neither_keys_nor_values(phone: SealedSecrets) -> None:
    phone.set("session", VALUE)

    assert "SECRET-KEY" not in all_texts(phone)
    assert VALUE.decode() not in all_texts(phone)
