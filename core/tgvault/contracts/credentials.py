"""What a sink has that needs credentials, and how it comes by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from tgvault.contracts.login import Conversation

__all__ = ["Authorizing", "Credential", "CredentialField", "Credentialed"]


class CredentialField(msgspec.Struct, frozen=True, kw_only=True):
    """One value that a store wants to know: its name (`secret-access-key`), and what it is, a sentence for people.

    What is not `secret` may be seen while it is typed. `environment` are the variables, best first, in which the
    store's own tools look for the value (`AWS_SECRET_ACCESS_KEY`).
    """

    name: str
    description: str
    secret: bool = True
    required: bool = True
    environment: tuple[str, ...] = ()


class Credential(Mapping[str, str]):
    """The values of a credential, by the names of their fields. Shows the names, and never a value."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Credential({', '.join(sorted(self._values))})"


@runtime_checkable
class Credentialed(Protocol):
    """What a sink has besides if its store wants to know who comes.

    The engine finds the values in the environment, by a command or in the OS keyring, and hands them to each instance,
    in every process. They never stand in `vault.toml`.
    """

    def credential_fields(self) -> Sequence[CredentialField]:
        """Name the values that the store wants; with none required it may be used without any.

        Called on any instance, also before `use`; MUST NOT touch the store.
        """

    def use(self, credential: Credential) -> None:
        """Take the values, before any other method is called that touches the store; called at most once.

        All required fields are there, and none that was not asked for. MUST NOT touch the store, and MUST NOT let a
        value get into an error, a log or a `repr`.
        """


@runtime_checkable
class Authorizing(Credentialed, Protocol):
    """What a sink has besides if a credential is not typed but given by the store, once a person has agreed."""

    def authorize(self, talk: Conversation) -> Mapping[str, str]:
        """Have the person agree, in a browser here or on another device, and give the values to be kept.

        Called from the main process, on an instance of its own.

        Raises:
            SinkPermissionError: the person, or the store, did not agree.
            SinkUnavailableError: the store cannot be reached.
        """
