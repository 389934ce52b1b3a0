"""What the snapshots of a vault need: which blobs, and in which packs they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import cast

from tgvault.crypto.keyed import BlobId
from tgvault.engine.walking import Walk
from tgvault.errors import MissingBlobError, VaultError
from tgvault.state.database import Database
from tgvault.state.scratch import Visits
from tgvault.vault.opened import Snapshot, Vault

__all__ = ["Needs"]

_DAMAGED_HINT = "nothing is deleted from a vault that is damaged; run `tgvault verify --repair`, then try again"


class Needs:
    """Gathers what snapshots need; lies in a database of its own, so memory does not grow with the vault.

    Of a blob that several packs have, one pack counts as the one that is needed; one of those to `avoid` (by digest)
    only where no other has it. `has_holes` tells whether `add_what_is_there` found something lacking.
    """

    def __init__(self, vault: Vault, scratch: Database) -> None:
        self._vault = vault
        self._database = scratch
        self._visits = Visits(scratch)
        self._failures: list[tuple[str, Exception]] = []
        self.avoid: frozenset[bytes] = frozenset()
        self.has_holes = False
        #: Bytes of needed content in each pack, by the pack's digest.
        self.used: Counter[bytes] = Counter()
        scratch.run("CREATE TABLE needed (id BLOB PRIMARY KEY, pack BLOB, text INTEGER NOT NULL) WITHOUT ROWID")
        scratch.run("CREATE INDEX needed_by_pack ON needed (pack)")

    def add(self, snapshots: Iterable[Snapshot], *, met: Callable[[], None] = lambda: None) -> None:
        """Walk over snapshots and note what they need; `met` is called after each.

        Raises:
            VaultError: something that one needs is not there, or cannot be read.
        """
        walk = self._walk()
        for snapshot in snapshots:
            walk.snapshot(snapshot.manifest)
            self._check(snapshot)
            met()

    def add_what_is_there(self, snapshots: Iterable[Snapshot]) -> None:
        """Note what snapshots need that are about to go; that something of them is gone already is no error.

        To be called after `add`, which takes no second look at a part that several snapshots have.
        """
        for snapshot in snapshots:
            self._walk().snapshot(snapshot.manifest)
            self.has_holes = self.has_holes or bool(self._failures)
            self._failures.clear()

    def _walk(self) -> Walk:
        return Walk(self, first=self._visits.first, needed=self._note, failed=self._failed, errors=(VaultError,))

    def load(self, blob: BlobId) -> bytes:
        """Give a blob's content to the walk; whatever that reads is text."""
        self._database.run("UPDATE needed SET text = 1 WHERE id = ?", blob)
        return self._vault.reader.load(blob)

    def in_pack(self, digest: bytes) -> dict[bytes, bool]:
        """Give the blobs for which that pack is needed, and whether each is text."""
        rows = self._database.run("SELECT id, text FROM needed WHERE pack = ?", digest)
        return {cast("bytes", blob): text != 0 for blob, text in rows}

    def has(self, blob: bytes) -> bool:
        """Tell whether a blob is needed."""
        return bool(self._database.run("SELECT 1 FROM needed WHERE id = ?", blob))

    def _note(self, blob: BlobId, where: str) -> None:
        if not self._database.run("INSERT OR IGNORE INTO needed VALUES (?, NULL, 0) RETURNING 1", blob):
            return
        whole = self._vault.places.whole(blob)
        place = min(whole, key=lambda each: each.digest in self.avoid, default=None)
        if place is None:
            self._failed(where, MissingBlobError(f"the blob `{blob.hex()[:16]}…` is in no pack that is whole"))
            return
        self._database.run("UPDATE needed SET pack = ? WHERE id = ?", place.digest, blob)
        self.used[place.digest] += place.length

    def _failed(self, where: str, error: Exception) -> None:
        self._failures.append((where, error))

    def _check(self, snapshot: Snapshot) -> None:
        for where, error in self._failures:
            kind = type(error) if isinstance(error, VaultError) else VaultError
            raise kind(f"snapshot `{snapshot.id}` is damaged: {where}: {error}", hint=_DAMAGED_HINT)
