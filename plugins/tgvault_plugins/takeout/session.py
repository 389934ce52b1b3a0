"""The session of an account: how Telegram knows this program again. Nothing of it is ever written to a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec
from telethon.crypto import AuthKey
from telethon.sessions import MemorySession

from tgvault.api import NotSignedInError, SecretError, Secrets
from tgvault_plugins.takeout.keys import TELEGRAM, ServerKeys
from tgvault_plugins.takeout.veiled import Veiled

__all__ = ["SESSION", "AccountSession", "load_session"]

#: The name of the secret in which a session is kept.
SESSION = "session"

_VERSION = 1
_KEY_SIZE = 256


class _Kept(Veiled, frozen=True, omit_defaults=True):
    VEILED: ClassVar[frozenset[str]] = frozenset({"api_id", "api_hash", "key", "takeout", "others"})

    version: int
    api_id: int
    api_hash: str
    dc: int
    host: str
    port: int
    key: bytes
    user: int
    bot: bool = False
    takeout: int | None = None
    #: Host and port of the server that the settings named when somebody logged in; None stands for Telegram's own.
    server: str | None = None
    #: By data centre: the keys under which the account is known elsewhere than at home.
    others: dict[int, bytes] = msgspec.field(default_factory=dict)


class AccountSession(MemorySession):  # type: ignore[misc]  # Telethon is not typed
    """What Telethon asks a session for, and what is to be remembered besides.

    It remembers no users and chats that it meets: with a large account these are hundreds of thousands, and all
    requests name peers in full. `takeout_id` is ours to keep; Telethon forgets it. `server` is the place that the
    settings named when it was made, None for Telegram's own. `source` is the name of its source in vault.toml, and
    `server_keys` are those that its servers are known by; these two are not kept.
    """

    def __init__(self, api_id: int, api_hash: str, *, source: str = "", secrets: Secrets | None = None) -> None:
        super().__init__()
        self.source = source
        self.server: str | None = None
        self.api_id = api_id
        self.api_hash = api_hash
        self.user_id = 0
        self.is_bot = False
        self.server_keys: ServerKeys = TELEGRAM
        self._others: dict[int, AuthKey] = {}
        self._secrets = secrets
        self._kept: bytes | None = None

    @classmethod
    def from_bytes(cls, data: bytes, *, source: str = "", secrets: Secrets | None = None) -> AccountSession:
        """Make the session that `to_bytes` was asked of.

        Raises:
            SecretError: another version of tgvault wrote it.
        """
        try:
            kept = msgspec.msgpack.decode(data, type=_Kept)
        except msgspec.DecodeError:
            raise _unknown(source) from None
        if kept.version != _VERSION or any(len(key) != _KEY_SIZE for key in (kept.key, *kept.others.values())):
            raise _unknown(source)
        session = cls(kept.api_id, kept.api_hash, source=source, secrets=secrets)
        session.set_dc(kept.dc, kept.host, kept.port)
        session.auth_key = AuthKey(kept.key)
        session.user_id, session.is_bot, session.takeout_id = kept.user, kept.bot, kept.takeout
        session.server = kept.server
        session._others = {dc: AuthKey(key) for dc, key in kept.others.items()}
        session._kept = data
        return session

    def to_bytes(self) -> bytes:
        """Write everything as bytes; secret."""
        kept = _Kept(
            version=_VERSION,
            api_id=self.api_id,
            api_hash=self.api_hash,
            dc=self.dc_id,
            host=self.server_address,
            port=self.port,
            key=self.auth_key.key,
            user=self.user_id,
            bot=self.is_bot,
            takeout=self.takeout_id,
            server=self.server,
            others={dc: key.key for dc, key in sorted(self._others.items())},
        )
        return msgspec.msgpack.encode(kept)

    def keep(self) -> None:
        """Put the session among the source's secrets, if it is one of an account and changed since.

        Raises:
            StateError: the secrets do not take it.
        """
        if self._secrets is None or not self.user_id:
            return
        data = self.to_bytes()
        if data != self._kept:
            self._secrets.set(SESSION, data)
            self._kept = data

    def signed_in(self, user_id: int, *, is_bot: bool, secrets: Secrets) -> None:
        """Take note whose session it has become, and keep it from now on; raises as `keep` does."""
        self.user_id, self.is_bot, self._secrets = user_id, is_bot, secrets
        self.keep()

    def key_at(self, dc: int) -> AuthKey | None:
        """Give the key under which the account is known at another data centre than its own."""
        return self._others.get(dc)

    def set_key_at(self, dc: int, key: AuthKey | None) -> None:
        """Remember the key of another data centre, or forget it; raises as `keep` does."""
        if key is None:
            self._others.pop(dc, None)
        else:
            self._others[dc] = AuthKey(key.key)
        self.keep()

    def clone(self, to_instance: Any = None) -> AccountSession:
        """Make a session of the same program that is not logged in."""
        return AccountSession(self.api_id, self.api_hash, source=self.source)

    def process_entities(self, tlo: object) -> None:
        """Remember nobody."""

    def set_update_state(self, entity_id: int, state: object) -> None:
        """Remember no state: the source keeps its own, with the messages that belong to it."""

    def get_update_states(self) -> Iterator[tuple[int, object]]:
        """Give nothing."""
        return iter(())


def load_session(secrets: Secrets, *, source: str) -> AccountSession:
    """Give the session that is kept among the secrets of a source; it keeps itself there.

    Raises:
        NotSignedInError: there is none.
        SecretError: there is one that cannot be read.
    """
    data = secrets.get(SESSION)
    if data is None:
        raise NotSignedInError(
            f"nobody is logged in for source `{source}`", hint=f"log in with `tgvault login {source}`"
        )
    return AccountSession.from_bytes(data, source=source, secrets=secrets)


def _unknown(source: str) -> SecretError:
    return SecretError(
        f"the session of source `{source}` was written by another version of tgvault",
        hint=f"log in again: `tgvault logout {source}`, then `tgvault login {source}`",
    )
