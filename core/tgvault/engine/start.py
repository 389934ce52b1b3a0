"""What a backup knows when it begins: its source, and the snapshots that it continues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tgvault.contracts.source import SourceInfo
from tgvault.errors import AccountMismatchError
from tgvault.state.memory import Memory
from tgvault.vault.lineage import Lineage
from tgvault.vault.manifests import SnapshotName
from tgvault.vault.opened import Snapshot

__all__ = ["Start", "is_unchanged", "losses", "note_loss", "note_run", "start_run"]

#: Under this name the local state counts how often packs were lost.
_LOSSES = "losses"


@dataclass(frozen=True, slots=True)
class Start:
    """What a run knows when it begins.

    `known` are the names of all snapshots, `line` has those of the archive, newest first. `beside` are snapshots of the
    archive, besides the parent, that nobody has continued: two machines backed up at the same time. `settings` is
    everything that decides what the run would keep. `setbacks` is what `Places.setbacks` told as the run began.
    """

    archive: str
    info: SourceInfo
    known: frozenset[str]
    parent: Snapshot | None
    beside: tuple[Snapshot, ...]
    time: datetime
    settings: bytes
    line: tuple[Snapshot, ...] = ()
    setbacks: int = 0

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of what the run's snapshot is made from."""
        return tuple(each.name for each in (*self.beside, *((self.parent,) if self.parent else ())))

    @property
    def sequence(self) -> int:
        """The number of the run's snapshot in its archive."""
        return self.parent.manifest.sequence + 1 if self.parent is not None else 1

    @property
    def same_account(self) -> bool:
        """Whether it is known that the source is of the archive's account."""
        known = self.parent.manifest.account if self.parent is not None else None
        return known is not None and known == self.info.account


class _LastRun(msgspec.Struct, frozen=True):
    """What the local state remembers of an archive's last run here."""

    snapshot: str
    fingerprint: str
    settings: str
    losses: int = 0


def note_loss(memory: Memory) -> None:
    """Remember that packs were lost: what the source still has of them is stored again when it is read the next time,
    and no run may take it for unchanged before."""
    memory.set_fact(_LOSSES, b"%d" % (losses(memory) + 1))


def losses(memory: Memory) -> int:
    """Tell how often packs were lost."""
    return int(memory.fact(_LOSSES) or b"0")


def start_run(
    info: SourceInfo,
    snapshots: Sequence[Snapshot],
    *,
    archive: str,
    time: datetime,
    settings: bytes,
    past: Iterable[Snapshot] = (),
    setbacks: int = 0,
) -> Start:
    """Find what an archive's next snapshot is made from.

    `past` are snapshots that are the vault's no more: what they were made from has been continued.

    Raises:
        AccountMismatchError: the source belongs to another account than the archive.
    """
    mine = [each for each in snapshots if each.manifest.archive == archive]
    lineage = Lineage.of(mine, [each for each in past if each.manifest.archive == archive])
    continued = lineage.continued({each.name for each in mine})
    parent = mine[-1] if mine else None
    beside = tuple(each for each in mine[:-1] if each.name not in continued)
    _check_account(info, parent, archive)
    known = frozenset(each.name for each in snapshots)
    return Start(archive, info, known, parent, beside, time, settings, tuple(mine[::-1]), setbacks)


def is_unchanged(start: Start, memory: Memory) -> bool:
    """Tell whether the last run here found the source as it is, and nothing happened to the archive since."""
    fact = memory.fact(_fact_name(start.archive))
    if start.parent is None or start.beside or start.info.fingerprint is None or fact is None:
        return False
    now = _last_run(start, memory, start.parent.name, start.info.fingerprint)
    return msgspec.json.decode(fact, type=_LastRun) == now


def note_run(start: Start, memory: Memory, name: SnapshotName) -> None:
    """Remember that the run made that snapshot."""
    if start.info.fingerprint is not None:
        run = _last_run(start, memory, name, start.info.fingerprint)
        memory.set_fact(_fact_name(start.archive), msgspec.json.encode(run))


def _last_run(start: Start, memory: Memory, name: SnapshotName, fingerprint: bytes) -> _LastRun:
    return _LastRun(name, fingerprint.hex(), start.settings.hex(), losses(memory))


def _fact_name(archive: str) -> str:
    return f"last run of {archive}"


def _check_account(info: SourceInfo, parent: Snapshot | None, archive: str) -> None:
    known = parent.manifest.account if parent is not None else None
    if known is not None and info.account is not None and known != info.account:
        raise AccountMismatchError(
            f"`{info.location}` belongs to account {info.account}, archive `{archive}` to account {known}",
            hint='keep it in an archive of its own: `--archive NAME`, or `archive = "NAME"` in the source\'s table',
        )
