"""The OS keyring as the place for this machine's key: one small item for each vault."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
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

__all__ = ["SERVICE", "Backend", "KeyringStore", "allowed_backends", "system_backend"]

#: The item's service; its user is the vault id.
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
_UNLOCK_HINT = f"unlock it (log in on the desktop, or `gnome-keyring-daemon --unlock`), {_OTHER_WAYS}"
_ABSENT_HINT = f"install and start one (GNOME Keyring, KWallet), {_OTHER_WAYS}"

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


def allowed_backends(backend: Backend) -> Sequence[Backend]:
    """Give the back ends to use: the one given, or the allowed ones of a chain, best first.

    Raises:
        KeyringUnavailableError: there is no keyring.
        InsecureKeyringError: it is not one of those that keep a secret.
    """
    name = _class_name(backend)
    if name == _NONE:
        raise KeyringUnavailableError("there is no OS keyring", hint=_ABSENT_HINT)
    members = list(getattr(backend, "backends", ())) if name == _CHAIN else [backend]
    allowed = [each for each in members if _class_name(each) in _ALLOWED]
    if not allowed:
        names = ", ".join(f"`{_class_name(each)}`" for each in members) or f"`{name}`"
        raise InsecureKeyringError(
            f"the keyring {names} would not keep a key safe",
            hint=f"use the operating system's keyring (see `PYTHON_KEYRING_BACKEND`), {_OTHER_WAYS}",
        )
    return allowed


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
        secret = self._ask(self._read)
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
        """Keep the identity, and read it back.

        Raises:
            KeyringLockedError, KeyringUnavailableError: the keyring does not take it.
            InsecureKeyringError: it is not one that keeps a secret, or gives back something else.
        """
        self._ask(lambda: self._best().set_password(SERVICE, self.vault_id, identity.text), secret=identity.text)
        if self._ask(lambda: self._best().get_password(SERVICE, self.vault_id)) != identity.text:
            raise InsecureKeyringError(
                "the OS keyring does not give back what was put into it", hint=f"try another keyring, {_OTHER_WAYS}"
            )

    def delete(self) -> None:
        """Forget the identity; no error if there is none.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not forget it.
        """
        if self.get() is not None:
            self._ask(lambda: self._best().delete_password(SERVICE, self.vault_id))

    def _best(self) -> Backend:
        return allowed_backends(self.load())[0]

    def _read(self) -> str | None:
        found = (each.get_password(SERVICE, self.vault_id) for each in allowed_backends(self.load()))
        return next((secret for secret in found if secret is not None), None)

    def _ask(self, call: Callable[[], _T], *, secret: str = "") -> _T:
        return _within(call, self.patience, secret)


def _within(call: Callable[[], _T], patience: float, secret: str) -> _T:
    answers: queue.SimpleQueue[tuple[_T | None, Exception | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put((call(), None))
        except Exception as error:  # a back end is somebody else's code and may raise anything; told on below
            answers.put((None, error))

    # A daemon thread: a prompt that nobody answers must not keep the process from ending.
    threading.Thread(target=work, name="tgvault-keyring", daemon=True).start()
    try:
        answer, error = answers.get(timeout=patience)
    except queue.Empty:
        raise KeyringUnavailableError(
            f"the OS keyring did not answer within {patience:g} s",
            hint=f"it may be waiting for somebody to unlock it; {_UNLOCK_HINT}",
        ) from None
    if error is not None:
        raise _explained(error, secret) from None
    return answer  # type: ignore[return-value]  # no error means that the call gave it


def _explained(error: Exception, secret: str) -> TgVaultError:
    if isinstance(error, TgVaultError):
        return error
    # Names, since the classes belong to packages that are imported only where they are used.
    names = {each.__name__ for each in type(error).__mro__}
    if names & {"KeyringLocked", "LockedException"} or "Prompt dismissed" in str(error):
        # The latter on a machine without a screen whose keyring was never unlocked, or not even made.
        return KeyringLockedError("the OS keyring is locked", hint=_UNLOCK_HINT)
    reason = f"{type(error).__name__}: {error}" if not secret or secret not in str(error) else type(error).__name__
    return KeyringUnavailableError(f"the OS keyring does not work ({reason})", hint=_ABSENT_HINT)


def _class_name(backend: object) -> str:
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"
