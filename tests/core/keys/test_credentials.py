"""Credentials in the keyring, the real one and one that misbehaves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
import secretstorage
from keyring.backends import SecretService

from key_support import all_texts
from tgvault.errors import CredentialError, KeyringUnavailableError
from tgvault.keys.credentials import CredentialStore
from tgvault.keys.oskeyring import SERVICE, KeyringStore

SECRET = "hush-5512"
VALUES = {"key": "AK1", "secret": "hush \n\u00fc\u2713"}


@pytest.fixture
def real(unlock_keyring: Callable[[str], None]) -> CredentialStore:
    unlock_keyring("password of the login")
    return CredentialStore("cloud", load=SecretService.Keyring)


def users() -> list[str]:
    with closing(secretstorage.dbus_init()) as bus:
        items = secretstorage.get_default_collection(bus).search_items({"service": SERVICE})
        return sorted(item.get_attributes()["username"] for item in items)


def test_the_real_keyring_keeps_a_credential_and_forgets_it(real: CredentialStore) -> None:
    before = real.get()
    real.set(VALUES)
    kept = real.get()
    named = users()
    real.delete()
    real.delete()

    assert (before, kept, real.get()) == (None, VALUES, None)
    assert named == ["credential cloud"]


def test_a_credential_and_a_key_of_one_name_are_two_items(real: CredentialStore) -> None:
    real.set(VALUES)

    assert KeyringStore("cloud", load=SecretService.Keyring).get() is None


class Shelf:
    """A back end that holds one text for everybody."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def get_password(self, service: str, username: str) -> str | None:
        return self.text

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ValueError(f"cannot write {password}")

    def delete_password(self, service: str, username: str) -> None:
        self.text = None


Shelf.__module__, Shelf.__qualname__ = "keyring.backends.SecretService", "Keyring"


@pytest.mark.parametrize("text", ["hush-5512", '["hush-5512"]', '{"hush-5512": 1}', '{"key": "hush-5512', "\ud800"])
def test_what_is_no_credential_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(CredentialError, match="`credential cloud` is no credential") as caught:
        CredentialStore("cloud", load=lambda: Shelf(text)).get()

    assert "hush-5512" not in all_texts(caught.value)


def test_a_keyring_that_blabs_is_not_quoted() -> None:
    with pytest.raises(KeyringUnavailableError, match=r"does not work \(ValueError\)") as caught:
        CredentialStore("cloud", load=Shelf).set({"key": SECRET})

    assert SECRET not in all_texts(caught.value)
    assert "docs/guides/copies.md" in str(caught.value.hint)
