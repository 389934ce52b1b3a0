from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_support import all_texts, ssh_ed25519
from tgvault.errors import AccessError, CorruptObjectError, TgVaultError, UnsupportedFormatError
from tgvault.vault.bundle import KeyBundle

BUNDLE = KeyBundle.generate()
WRITE_ONLY = KeyBundle(BUNDLE.vault_id, None, BUNDLE.index, BUNDLE.id_key)


@pytest.mark.parametrize("bundle", [BUNDLE, WRITE_ONLY])
def test_a_bundle_comes_back_from_json_and_from_another_process(bundle: KeyBundle) -> None:
    read = KeyBundle.from_json(bundle.to_json())

    assert read == bundle
    assert pickle.loads(pickle.dumps(bundle)) == bundle


def test_the_members_stand_as_the_format_says() -> None:
    members = json.loads(BUNDLE.to_json())

    assert list(members) == ["format", "vault", "data", "index", "id_key"]
    assert list(json.loads(WRITE_ONLY.to_json())) == ["format", "vault", "index", "id_key"]
    assert members["format"] == 1


def test_every_bundle_is_another() -> None:
    other = KeyBundle.generate()

    assert other.vault_id != BUNDLE.vault_id
    assert {other.data, other.index}.isdisjoint({BUNDLE.data, BUNDLE.index})
    assert other.id_key != BUNDLE.id_key


def test_members_of_a_later_version_are_kept() -> None:
    text = BUNDLE.to_json()[:-1] + b',"later":{"a":[1,2.5]},"more":null}'

    read = KeyBundle.from_json(text)

    assert read.to_json() == text
    assert "later" not in all_texts(read)


def test_nothing_secret_is_shown() -> None:
    secrets = [BUNDLE.index.text[16:], BUNDLE.id_key.secret.hex(), str(BUNDLE.id_key.secret)]

    shown = all_texts(BUNDLE)

    assert not any(secret in shown for secret in secrets)


def test_a_bundle_without_the_data_key_is_not_complete() -> None:
    BUNDLE.check_complete()

    with pytest.raises(AccessError, match="not read it"):
        WRITE_ONLY.check_complete()


def test_a_newer_format_is_refused() -> None:
    text = BUNDLE.to_json().replace(b'"format":1', b'"format":2')

    with pytest.raises(UnsupportedFormatError, match=r"`keys/a\.age` has format 2") as caught:
        KeyBundle.from_json(text, where="keys/a.age")

    assert caught.value.hint == "use a newer tgvault"


def broken_bundles() -> list[bytes]:
    members = json.loads(BUNDLE.to_json())
    changes: list[dict[str, object]] = [
        {"format": 0},
        {"format": "1"},
        {"vault": "../../etc"},
        {"vault": members["vault"].upper() + "A"},
        {"index": 5},
        {"index": "AGE-SECRET-KEY-1"},
        {"data": ssh_ed25519()[0]},
        {"id_key": "00" * 31},
        {"id_key": "zz" * 32},
        {"id_key": " 0" * 32},
    ]
    without = [{name: value for name, value in members.items() if name != gone} for gone in members if gone != "data"]
    return [
        *(json.dumps({**members, **change}).encode() for change in changes),
        *(json.dumps(each).encode() for each in without),
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        BUNDLE.to_json()[:-1],
    ]


@pytest.mark.parametrize("text", broken_bundles())
def test_what_is_no_bundle_is_refused_by_name_and_not_shown(text: bytes) -> None:
    with pytest.raises(CorruptObjectError, match=r"`keys/a\.age` opens, but holds no key bundle") as caught:
        KeyBundle.from_json(text, where="keys/a.age")

    shown = all_texts(caught.value)
    assert BUNDLE.index.text[16:] not in shown
    assert BUNDLE.id_key.secret.hex() not in shown


@given(st.binary(max_size=300))
def test_hostile_bytes_raise_nothing_else(text: bytes) -> None:
    with pytest.raises(TgVaultError):
        KeyBundle.from_json(text)
