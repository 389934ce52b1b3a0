"""What the connections of one server share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.auth_keys import AuthKey, AuthKeys, Session
from tgvault.testing.telegram.calls import CallLog, Part
from tgvault.testing.telegram.faults import Faults
from tgvault.testing.telegram.logins import Logins
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl

__all__ = ["CDN_DC", "Invocation", "World"]

#: Number of the data centre that hands out files of others (https://core.telegram.org/cdn); Telegram's first was 203.
CDN_DC = 203


@dataclass(slots=True)
class World:
    """An account, and the state of the servers that keep it."""

    account: Account
    logins: Logins
    keys: AuthKeys = field(default_factory=AuthKeys)
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    #: Where each data centre listens.
    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    #: Sends an update to the connected clients of a key.
    push: Callable[[AuthKey, Tl], None] = field(default=lambda key, update: None)
    #: Files that `upload.getFile` sends clients to the CDN for: asked with kind, id and letter.
    on_cdn: Callable[[str, int, str], bool] = field(default=lambda kind, file_id, letter: False)
    #: By their tokens, the files that the CDN was told of.
    cdn_files: dict[bytes, tuple[str, int, str]] = field(default_factory=dict)
    #: Those that are there; for others it asks to have them brought.
    uploaded: set[bytes] = field(default_factory=set)
    #: What went wrong inside the server itself.
    failures: list[Exception] = field(default_factory=list)
    #: Exported authorizations that were not imported yet: who, by (id, bytes).
    exported: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def export(self, user_id: int) -> tuple[int, bytes]:
        """Make an authorization to be imported at another data centre, once."""
        ticket = (user_id, os.urandom(16))
        self.exported[ticket] = user_id
        return ticket


@dataclass(slots=True)
class Invocation:
    """One request on its way through the server."""

    world: World
    key: AuthKey
    session: Session
    dc: int
    method: str
    request: Tl
    takeout_id: int | None = None
    #: Of `invokeWithMessagesRange`: smallest and largest id, both included.
    range: tuple[int, int] | None = None
    #: Of a file that was handed out; the method says it.
    part: Part | None = None

    @property
    def account(self) -> Account:
        """The account, of which the caller holds the lock."""
        return self.world.account

    @property
    def user_id(self) -> int:
        """Who asks."""
        if self.key.user_id is None:
            raise Refusal(self.key.ended)
        return self.key.user_id

    def need_takeout(self) -> None:
        """Refuse what is for takeouts only."""
        if self.takeout_id is None:
            raise Refusal("TAKEOUT_REQUIRED")
