"""What tests of copies need: a vault with two keys and a snapshot, and the place of its copy."""

from __future__ import annotations

from collections.abc import Callable, Collection

from key_support import noon
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity
from tgvault.engine.create import CreatedVault, NewSlot, create_vault
from tgvault.engine.progress import NullProgress
from tgvault.engine.removing import Deleted
from tgvault.engine.syncing import SyncReport, sync_copy
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.opened import Vault
from vault_support import FakeChat, FakeSource, MemoryVault, said

__all__ = ["ANNAS", "Pair", "first", "objects"]

ANNAS = ObjectName("keys/anna.age")


class Pair:
    """A vault with two keys and a snapshot, and the place of its copy."""

    def __init__(self) -> None:
        self.vault = MemoryVault()
        self.primary = MemorySink()
        slots = [NewSlot.of(name, Identity.generate()) for name in ("anna", "ben")]
        self.made: CreatedVault = create_vault(self.primary, slots=slots, clock=noon)
        self.vault.sink = self.primary
        self.vault.vault = Vault(self.primary, self.made.bundle, Database.in_memory())
        self.copy = MemorySink()
        self.back_up("a")

    def back_up(self, *texts: str) -> None:
        """Make a snapshot of a chat with these messages."""
        self.vault.back_up(FakeSource([FakeChat([said(number, text) for number, text in enumerate(texts, 1)])]))

    def sync(
        self,
        *,
        is_new: bool = False,
        primary: Sink | None = None,
        copy: Sink | None = None,
        keys: KeyBundle | None = None,
        deleted: Collection[str] = (),
        settled: Callable[[Collection[str]], Collection[str]] = set,
    ) -> SyncReport:
        """Bring the copy up to date; other sinks may stand in for the two."""
        one, other = primary or self.primary, copy or self.copy
        return sync_copy(
            lambda: one,
            lambda: other,
            name="disk",
            is_new=is_new,
            progress=NullProgress(),
            keys=keys,
            deleted=Deleted(deleted, settled),
        )


def objects(sink: Sink) -> dict[str, bytes]:
    """Everything in a sink."""
    return {each.name: sink.get(each.name) for each in sink.list("")}


def first(sink: Sink, prefix: str) -> ObjectName:
    """The first name with the prefix."""
    return min(each.name for each in sink.list(prefix))
