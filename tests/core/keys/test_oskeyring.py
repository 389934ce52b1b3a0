from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
import secretstorage
from keyring.backends import SecretService, chainer, fail, null

from key_support import all_texts
from tgvault.crypto.age import Identity
from tgvault.errors import (
    BadKeyError,
    InsecureKeyringError,
    KeyringLockedError,
    KeyringUnavailableError,
    TgVaultError,
)
from tgvault.keys.oskeyring import SERVICE, Backend, KeyringStore, allowed_backends, system_backend

VAULT = "0123456789abcdef0123456789abcdef"
KEY = Identity.generate()

leaves_its_connection_open = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


class Shelf:
    """A back end in memory that passes for the class whose name it is given."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


def named(name: str, base: type[Shelf] = Shelf, **members: object) -> Shelf:
    module, _, kind = name.rpartition(".")
    return type(kind, (base,), {"__module__": module, "__qualname__": kind, **members})()


def good(base: type[Shelf] = Shelf) -> Shelf:
    return named("keyring.backends.SecretService.Keyring", base)


def plain() -> Shelf:
    return named("keyrings.alt.file.PlaintextKeyring")


def store(backend: Backend, *, patience: float = 5) -> KeyringStore:
    return KeyringStore(VAULT, load=lambda: backend, patience=patience)


# --- the real thing


@pytest.fixture
def real(unlock_keyring: Callable[[str], None]) -> KeyringStore:
    unlock_keyring("password of the login")
    return store(SecretService.Keyring())


def test_the_real_keyring_keeps_a_key_and_forgets_it(real: KeyringStore) -> None:
    before = real.get()
    real.set(KEY)
    kept = real.get()
    real.delete()
    real.delete()

    assert (before, kept, real.get()) == (None, KEY, None)


def test_the_real_keyring_holds_one_small_item_for_each_vault(real: KeyringStore) -> None:
    other = KeyringStore("f" * 32, load=SecretService.Keyring)
    real.set(KEY)
    real.set(Identity.generate())
    other.set(KEY)

    with closing(secretstorage.dbus_init()) as bus:
        items = list(secretstorage.get_default_collection(bus).search_items({"service": SERVICE}))
        users = sorted(item.get_attributes()["username"] for item in items)
        sizes = {len(item.get_secret()) for item in items}

    assert users == [VAULT, "f" * 32]
    assert max(sizes) < 100


@leaves_its_connection_open
def test_a_keyring_that_gets_locked_says_so(real: KeyringStore) -> None:
    real.set(KEY)
    with closing(secretstorage.dbus_init()) as bus:
        secretstorage.get_default_collection(bus).lock()

    for call in (real.get, lambda: real.set(KEY), real.delete):
        with pytest.raises(KeyringLockedError, match="is locked") as caught:
            call()

    assert "--key-file" in str(caught.value.hint)
    assert KEY.text not in all_texts(caught.value)


@leaves_its_connection_open
def test_a_keyring_that_was_opened_with_another_password_is_locked(
    home: Path, new_session: Callable[[], AbstractContextManager[Callable[[str], None]]]
) -> None:
    with new_session() as unlock:
        unlock("the password")
        store(SecretService.Keyring()).set(KEY)
    kept = (home / "data/keyrings/login.keyring").exists()

    with new_session() as unlock:
        unlock("not the password")
        with pytest.raises(KeyringLockedError):
            store(SecretService.Keyring()).get()

    assert kept


@leaves_its_connection_open
@pytest.mark.usefixtures("unlock_keyring")
def test_a_keyring_that_nobody_ever_unlocked_is_locked() -> None:
    with pytest.raises(KeyringLockedError):
        store(SecretService.Keyring()).set(KEY)


def test_a_bus_that_is_gone_means_no_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")

    with pytest.raises(KeyringUnavailableError, match="does not work") as caught:
        store(SecretService.Keyring()).get()

    assert "GNOME Keyring" in str(caught.value.hint)


def test_no_bus_means_no_keyring() -> None:
    with pytest.raises(KeyringUnavailableError, match="DBUS_SESSION_BUS_ADDRESS is unset"):
        store(SecretService.Keyring()).set(KEY)


# --- what the `keyring` package chooses, in a process of its own since it chooses once

_ASK = f"""
from tgvault.crypto.age import Identity
from tgvault.errors import TgVaultError
from tgvault.keys.oskeyring import KeyringStore
store = KeyringStore("{VAULT}")
try:
    key = Identity.generate()
    store.set(key)
    print("kept" if store.get() == key else "lost")
except TgVaultError as error:
    print(type(error).__name__, error, error.hint)
"""


def asked(**environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", _ASK], env=inherited | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_keyring_of_the_session_is_chosen(unlock_keyring: Callable[[str], None]) -> None:
    unlock_keyring("password")

    assert asked() == "kept\n"


def test_without_a_session_there_is_no_keyring() -> None:
    assert asked().startswith("KeyringUnavailableError there is no OS keyring install and start one")


def test_a_back_end_that_forgets_is_refused() -> None:
    said = asked(PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")

    assert said.startswith("InsecureKeyringError the keyring `keyring.backends.null.Keyring` would not keep a key safe")


def test_a_back_end_that_writes_plain_files_is_refused(tmp_path: Path) -> None:
    # As the package keyrings.alt brings it.
    module = tmp_path / "keyrings" / "alt" / "file.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "from keyring.backend import KeyringBackend\n"
        "class PlaintextKeyring(KeyringBackend):\n"
        "    priority = 0.5\n"
        "    def get_password(self, *_): raise SystemExit('was asked')\n"
        "    set_password = delete_password = get_password\n"
    )

    said = asked(PYTHON_KEYRING_BACKEND="keyrings.alt.file.PlaintextKeyring", PYTHONPATH=str(tmp_path))

    assert said.startswith("InsecureKeyringError the keyring `keyrings.alt.file.PlaintextKeyring`")


def test_a_back_end_that_is_not_installed_is_no_keyring() -> None:
    said = asked(PYTHON_KEYRING_BACKEND="no.such.Keyring")

    assert said.startswith("KeyringUnavailableError the OS keyring does not work (ModuleNotFoundError")


def test_the_package_is_asked_for_its_back_end() -> None:
    assert callable(system_backend().get_password)


# --- the allow-list


@pytest.mark.parametrize(
    "name",
    [
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    ],
)
def test_keyrings_of_systems_and_desktops_are_allowed(name: str) -> None:
    backend = named(name)

    assert list(allowed_backends(backend)) == [backend]


@pytest.mark.parametrize("backend", [null.Keyring(), plain(), named("mine.Keyring"), Shelf()])
def test_any_other_keyring_is_refused_by_name(backend: Backend) -> None:
    with pytest.raises(InsecureKeyringError, match=type(backend).__qualname__.rpartition(".")[2]) as caught:
        store(backend).set(KEY)

    assert "PYTHON_KEYRING_BACKEND" in str(caught.value.hint)


def test_the_back_end_that_only_fails_means_no_keyring() -> None:
    with pytest.raises(KeyringUnavailableError, match="there is no OS keyring"):
        store(fail.Keyring()).get()


def test_of_a_chain_only_allowed_members_are_used() -> None:
    bad, first, second = plain(), good(), good()
    store(second).set(KEY)

    chain = store(named("keyring.backends.chainer.ChainerBackend", backends=[bad, first, second]))
    read = chain.get()
    chain.set(KEY)

    assert read == KEY
    assert (len(bad.items), len(first.items), len(second.items)) == (0, 1, 1)


@pytest.mark.parametrize("members", [[], [plain(), null.Keyring()]])
def test_a_chain_without_an_allowed_member_is_refused(members: list[Backend]) -> None:
    with pytest.raises(InsecureKeyringError):
        store(named("keyring.backends.chainer.ChainerBackend", backends=members)).set(KEY)


def test_the_chain_of_the_package_is_known_by_its_name() -> None:
    kind = chainer.ChainerBackend

    assert f"{kind.__module__}.{kind.__qualname__}" == "keyring.backends.chainer.ChainerBackend"


# --- back ends that misbehave


class Forgetful(Shelf):
    def set_password(self, service: str, username: str, password: str) -> None:
        """As KWallet does when the write fails."""


class Mangling(Shelf):
    def get_password(self, service: str, username: str) -> str | None:
        return "AGE-SECRET-KEY-1" + super().get_password(service, username)[17:]


@pytest.mark.parametrize("kind", [Forgetful, Mangling])
def test_what_does_not_come_back_was_not_kept(kind: type[Shelf]) -> None:
    with pytest.raises(InsecureKeyringError, match="does not give back") as caught:
        store(good(kind)).set(KEY)

    assert KEY.text[20:] not in all_texts(caught.value)


def test_an_item_that_is_no_key_is_named_by_its_vault() -> None:
    backend = good()
    backend.set_password(SERVICE, VAULT, "hunter2")

    with pytest.raises(BadKeyError, match=f"vault `{VAULT}` is no key") as caught:
        store(backend).get()

    assert "hunter2" not in all_texts(caught.value)


class Blabbing(Shelf):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise ValueError(f"cannot write {password!r}")


def test_a_back_end_that_blabs_is_not_quoted() -> None:
    with pytest.raises(KeyringUnavailableError, match=r"does not work \(ValueError\)") as caught:
        store(good(Blabbing)).set(KEY)

    assert KEY.text not in all_texts(caught.value)


@pytest.fixture
def nobody_answers() -> Iterator[threading.Event]:
    answered = threading.Event()
    yield answered
    answered.set()


def test_a_prompt_that_nobody_answers_does_not_hang_the_run(nobody_answers: threading.Event) -> None:
    class Asking(Shelf):
        def get_password(self, service: str, username: str) -> str | None:
            nobody_answers.wait()
            return None

    with pytest.raises(KeyringUnavailableError, match=r"did not answer within 0\.05 s") as caught:
        store(good(Asking), patience=0.05).get()

    assert "waiting for somebody" in str(caught.value.hint)


def test_every_failure_has_a_way_out_without_a_keyring() -> None:
    failures: list[TgVaultError] = []
    for backend in (fail.Keyring(), null.Keyring(), good(Forgetful), good(Blabbing)):
        with pytest.raises(TgVaultError) as caught:
            store(backend).set(KEY)
        failures.append(caught.value)

    assert all("--key-file" in str(failure.hint) for failure in failures)


def test_a_store_shows_no_secret() -> None:
    backend = good()
    kept = store(backend)
    kept.set(KEY)

    assert KEY.text[16:] not in all_texts(kept)
