"""The OS keyring as the place for what stores want to know: one item for each credential, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from tgvault.contracts.credentials import Credential
from tgvault.errors import CredentialError
from tgvault.keys.oskeyring import Backend, KeyringItem, system_backend

__all__ = ["CredentialStore"]

_OTHER_WAYS = "or do without: docs/guides/copies.md tells the other ways"

_VALUES: msgspec.json.Decoder[dict[str, str]] = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class CredentialStore:
    """One credential in the keyring; its value is a JSON object of the fields."""

    name: str
    load: Callable[[], Backend] = system_backend

    def get(self) -> Credential | None:
        """Give the credential, or None if the keyring has none of that name.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not give it.
            CredentialError: what the keyring has is no credential.
        """
        text = self._item.get()
        if text is None:
            return None
        try:
            return Credential(_VALUES.decode(text))
        except (msgspec.DecodeError, UnicodeEncodeError):
            # The error would carry the text.
            raise CredentialError(
                f"what the OS keyring has as `{self._item.user}` is no credential",
                hint="log in again, which puts a good one in its place",
            ) from None

    def set(self, values: Mapping[str, str]) -> None:
        """Keep the values, and read them back; raises as `KeyringItem.set` does."""
        self._item.set(msgspec.json.encode(dict(values)).decode(), secrets=values.values())

    def delete(self) -> None:
        """Forget the credential; no error if there is none. Raises as `KeyringItem.delete` does."""
        self._item.delete()

    @property
    def _item(self) -> KeyringItem:
        return KeyringItem(f"credential {self.name}", load=self.load, other_ways=_OTHER_WAYS)
