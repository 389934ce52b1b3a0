"""Small secrets of a source: files of their own, sealed to the vault, which outlive the database of the local state."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tgvault.crypto.age import UnsealError, seal, unseal
from tgvault.errors import PluginError, SecretError, StateError
from tgvault.vault.bundle import KeyBundle

__all__ = ["MAX_SECRET", "SealedSecrets"]

#: Bytes that a secret may have: a session, a token, never data.
MAX_SECRET = 1 << 16

_PURPOSE = "source secret"
_MAC = 32
#: An age file for one recipient has 200 bytes of header, and 16 bytes more for each 64 KiB.
_LARGEST_FILE = MAX_SECRET + 1024

#: No capital letters: some file systems do not tell them from small ones.
_NAME = re.compile(r"[a-z0-9-]{1,64}")


class SealedSecrets:
    """The secrets of one source, an age file each, sealed to the vault's data recipient.

    age does not say who wrote a file: inside stands a MAC under the vault's id key, over source, name and value. So no
    secret can be made up, or put in the place of another, by somebody who may write to the folder. An older value of
    the same secret can; the service that it is for knows.
    """

    def __init__(self, folder: Path, keys: KeyBundle, source: str) -> None:
        """`folder` is that of the local state, `keys` can read the vault."""
        self._keys = keys
        self._source = source
        # A name in vault.toml may have letters that no file's name has, and is nobody's business.
        hidden = keys.id_key.mac("source secrets folder", source.encode()).hex()[:16]
        self._folders = (folder, folder / f"{keys.vault_id}.secrets", folder / f"{keys.vault_id}.secrets" / hidden)

    def get(self, name: str) -> bytes | None:
        """Give a secret; None if there is none of that name.

        Raises:
            SecretError: there is one, and it is not what was put there.
        """
        sealed = self._read(self._path(name))
        return None if sealed is None else self._opened(name, sealed)

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret, durably, in place of what was there.

        Raises:
            StateError: the folder does not take it.
        """
        if len(value) > MAX_SECRET:
            raise PluginError(f"the secret `{name}` has {len(value)} bytes", hint="tell the plugin's author")
        assert self._keys.data is not None
        mac = self._keys.id_key.mac(_PURPOSE, self._bound(name, value))
        sealed = seal(mac + value, [self._keys.data.recipient])
        path = self._path(name)
        with _told(path):
            for folder in self._folders:
                _make_folder(folder)
            _replace(path, sealed)

    def delete(self, name: str) -> None:
        """Forget a secret, with what a writer that was killed left of it; one that is not there is no error.

        Raises:
            StateError: the folder does not let go of it.
        """
        path = self._path(name)
        with _told(path):
            for each in (path, *path.parent.glob(f"{path.name}.*.new")):
                each.unlink(missing_ok=True)
            _flush_folder(path.parent)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise PluginError(f"no secret can be called `{name}`", hint="tell the plugin's author")
        return self._folders[-1] / f"{name}.age"

    def _bound(self, name: str, value: bytes) -> bytes:
        # MessagePack tells the length of each part: no two secrets have the same bytes.
        return msgspec.msgpack.encode((self._source, name, value))

    def _read(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                return file.read(_LARGEST_FILE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretError(f"`{path}` cannot be read: {error.strerror}", hint="see who may read it") from None

    def _opened(self, name: str, sealed: bytes) -> bytes:
        assert self._keys.data is not None
        try:
            plaintext = unseal(sealed, [self._keys.data])
        except UnsealError as error:
            raise self._unusable(name, f"damaged: {error}") from None
        mac, value = plaintext[:_MAC], plaintext[_MAC:]
        if not self._keys.id_key.matches(_PURPOSE, self._bound(name, value), mac):
            raise self._unusable(name, "not what tgvault put there")
        return value

    def _unusable(self, name: str, how: str) -> SecretError:
        return SecretError(
            f"the secret `{name}` of source `{self._source}` is {how}",
            hint=f"log in again with `tgvault login {self._source}`; its file is `{self._path(name)}`",
        )


def _replace(path: Path, content: bytes) -> None:
    """Write a file for its owner only, in place of what was there: after a power cut it is the old one or the new."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        # `x`: never through a link that somebody laid there.
        with open(aside, "xb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    # A new name is lost by a power cut until then. Windows, and some network file systems, flush no folder.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateError(
            f"`{path}` cannot be written: {error.strerror}",
            hint="make room, or name another folder by `path` under `[state]` in vault.toml",
        ) from error
