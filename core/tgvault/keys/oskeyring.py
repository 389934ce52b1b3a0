"""The OS keyring: which back ends of it are used, its items, and this machine's key, one small item for each vault."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tgvault.crypto.age import Identity
from tgvault.errors import (
    BadKeyError,
    InsecureKeyringError,
    KeyringLockedError,
    KeyringUnavailableError,
    TgVaultError,
)

__all__ = ["SERVICE", "Backend", "KeyringItem", "KeyringStore", "allowed_backends", "system_backend"]

#: The service of all our items. The user of a key is the vault's id.
SERVICE = "tgvault"

#: Seconds. A locked keyring asks the person at the screen, and there may be none.
_PATIENCE = 60.0

#: Classes that keep secrets with the operating system or the desktop, for the user who is logged in. Anything else
#: (a plain file, a null back end that forgets, somebody's own) is refused: the key would lie readable, or be lost.
_ALLOWED = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
_CHAIN = "keyring.backends.chainer.ChainerBackend"
_NONE = "keyring.backends.fail.Keyring"

_OTHER_WAYS = "or keep the key in a file: `--key-file FILE`, `--key-command COMMAND`"
_UNLOCK_HINT = "unlock it (log in on the desktop, or `gnome-keyring-daemon --unlock`)"
_ABSENT_HINT = "install and start one (GNOME Keyring, KWallet)"

_T = TypeVar("_T")


class Backend(Protocol):
    """What is used of a back end of the `keyring` package."""

    def get_password(self, service: str, username: str) -> str | None:
        """Give the secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget the secret."""


def system_backend() -> Backend:
    """Give the back end that the `keyring` package chose or was told to use."""
    # Imported here: it takes 70 ms, and most commands that get their key elsewhere never need it.
    import keyring

    return keyring.get_keyring()


def allowed_backends(backend: Backend, *, other_ways: str = _OTHER_WAYS) -> Sequence[Backend]:
    """Give the back ends to use: the one given, or the allowed ones of a chain, best first.

    `other_ways` to keep what is meant for it stand in hints.

    Raises:
        KeyringUnavailableError: there is no keyring.
        InsecureKeyringError: it is not one of those that keep a secret.
    """
    name = _class_name(backend)
    if name == _NONE:
        raise KeyringUnavailableError("there is no OS keyring", hint=f"{_ABSENT_HINT}, {other_ways}")
    members = list(getattr(backend, "backends", ())) if name == _CHAIN else [backend]
    allowed = [each for each in members if _class_name(each) in _ALLOWED]
    if not allowed:
        names = ", ".join(f"`{_class_name(each)}`" for each in members) or f"`{name}`"
        raise InsecureKeyringError(
            f"the keyring {names} would not keep a key safe",
            hint=f"use the operating system's keyring (see `PYTHON_KEYRING_BACKEND`), {other_ways}",
        )
    return allowed


@dataclass(frozen=True, slots=True)
class KeyringItem:
    """A secret text in the keyring, kept for a `user` of its own.

    `patience` is how many seconds an answer may take; `other_ways` to keep such a secret stand in hints.
    """

    user: str
    load: Callable[[], Backend] = system_backend
    patience: float = _PATIENCE
    other_ways: str = _OTHER_WAYS

    def get(self) -> str | None:
        """Give the text, or None if the keyring has none.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not give it.
        """
        return self._ask(self._read)

    def set(self, text: str, *, secrets: Collection[str] = ()) -> None:
        """Keep the text, and read it back; no error shows it, nor the `secrets` in it.

        Raises:
            KeyringLockedError, KeyringUnavailableError: the keyring does not take it.
            InsecureKeyringError: it is not one that keeps a secret, or gives back something else.
        """
        self._ask(lambda: self._backends()[0].set_password(SERVICE, self.user, text), hidden=(text, *secrets))
        if self._ask(lambda: self._backends()[0].get_password(SERVICE, self.user)) != text:
            raise InsecureKeyringError(
                "the OS keyring does not give back what was put into it", hint=f"try another keyring, {self.other_ways}"
            )

    def delete(self) -> None:
        """Forget the text; no error if there is none.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not forget it.
        """
        if self.get() is not None:
            self._ask(lambda: self._backends()[0].delete_password(SERVICE, self.user))

    def _backends(self) -> Sequence[Backend]:
        return allowed_backends(self.load(), other_ways=self.other_ways)

    def _read(self) -> str | None:
        found = (each.get_password(SERVICE, self.user) for each in self._backends())
        return next((secret for secret in found if secret is not None), None)

    def _ask(self, call: Callable[[], _T], *, hidden: Collection[str] = ()) -> _T:
        try:
            answer, error = _within(call, self.patience)
        except queue.Empty:
            raise KeyringUnavailableError(
                f"the OS keyring did not answer within {self.patience:g} s",
                hint=f"it may be waiting for somebody to unlock it; {_UNLOCK_HINT}, {self.other_ways}",
            ) from None
        if error is not None:
            raise self._explained(error, hidden) from None
        return answer  # type: ignore[return-value]  # no error means that the call gave it

    def _explained(self, error: Exception, hidden: Collection[str]) -> TgVaultError:
        if isinstance(error, TgVaultError):
            return error
        # Names, since the classes belong to packages that are imported only where they are used.
        names = {each.__name__ for each in type(error).__mro__}
        if names & {"KeyringLocked", "LockedException"} or "Prompt dismissed" in str(error):
            # The latter on a machine without a screen whose keyring was never unlocked, or not even made.
            return KeyringLockedError("the OS keyring is locked", hint=f"{_UNLOCK_HINT}, {self.other_ways}")
        is_safe = not any(each in str(error) for each in hidden)
        reason = f"{type(error).__name__}: {error}" if is_safe else type(error).__name__
        return KeyringUnavailableError(
            f"the OS keyring does not work ({reason})", hint=f"{_ABSENT_HINT}, {self.other_ways}"
        )


@dataclass(frozen=True, slots=True)
class KeyringStore:
    """This machine's identity for one vault. `patience` is how many seconds an answer may take."""

    vault_id: str
    load: Callable[[], Backend] = system_backend
    patience: float = _PATIENCE

    def get(self) -> Identity | None:
        """Give the identity, or None if the keyring has none for the vault.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not give it.
            BadKeyError: what the keyring has is no key.
        """
        secret = self._item.get()
        if secret is None:
            return None
        try:
            return Identity(secret)
        except BadKeyError as error:
            raise BadKeyError(
                f"what the OS keyring has for vault `{self.vault_id}` is no key: {error}",
                hint="use another key; `tgvault key add --device` makes a new one",
            ) from None

    def set(self, identity: Identity) -> None:
        """Keep the identity, and read it back; raises as `KeyringItem.set` does."""
        self._item.set(identity.text)

    def delete(self) -> None:
        """Forget the identity; no error if there is none. Raises as `KeyringItem.delete` and `get` do."""
        if self.get() is not None:
            self._item.delete()

    @property
    def _item(self) -> KeyringItem:
        return KeyringItem(self.vault_id, load=self.load, patience=self.patience)


def _within(call: Callable[[], _T], patience: float) -> tuple[_T | None, Exception | None]:
    """Give what a call gives, or its error; raises `queue.Empty` where neither is there in time."""
    answers: queue.SimpleQueue[tuple[_T | None, Exception | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put((call(), None))
        except Exception as error:  # a back end is somebody else's code and may raise anything; told on below
            answers.put((None, error))

    # A daemon thread: a prompt that nobody answers must not keep the process from ending.
    threading.Thread(target=work, name="tgvault-keyring", daemon=True).start()
    return answers.get(timeout=patience)


def _class_name(backend: object) -> str:
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"
