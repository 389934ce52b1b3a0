"""Naming snapshots: `latest`, `latest~2`, the first digits of an id, and what there was at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tgvault.config.table import nearest
from tgvault.engine.snapshot_info import SnapshotInfo, snapshot_info, utc
from tgvault.errors import AmbiguousNameError, NotFoundError
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.opened import Snapshot

__all__ = ["LATEST", "MIN_DIGITS", "as_of", "find_snapshot", "in_archive", "list_snapshots"]

#: The word for an archive's newest snapshot.
LATEST = "latest"

#: Digits of a snapshot's id that have to be given at least: fewer would soon mean several.
MIN_DIGITS = 4

_RELATIVE = re.compile(r"latest(?:~(\d{1,9}))?")
_DIGITS = re.compile(r"[0-9a-f]{1,64}")
_FULL = re.compile(r"(?:snapshots/)?\d{8}T\d{6}Z-([0-9a-f]{64})(?:\.age)?")


def list_snapshots(
    snapshots: Iterable[Snapshot], *, archive: str | None = None, tags: Iterable[str] = ()
) -> list[SnapshotInfo]:
    """Describe snapshots, oldest first in each archive; nothing is read besides the manifests given.

    `snapshots` are those that `Vault.sync` gives. `archive` leaves out those of other archives, `tags` those that lack
    one of them.

    Raises:
        NotFoundError: there is no such archive.
    """
    mine = snapshots if archive is None else in_archive(snapshots, archive)
    return [snapshot_info(each) for each in mine if set(tags) <= set(each.manifest.tags)]


def in_archive(snapshots: Iterable[Snapshot], archive: str) -> list[Snapshot]:
    """Give the snapshots of an archive, oldest first.

    Raises:
        NotFoundError: there are none.
    """
    every = list(snapshots)
    found = [each for each in every if each.manifest.archive == archive]
    if not found:
        others = {each.manifest.archive for each in every}
        raise NotFoundError(
            f"archive `{archive}` has no snapshots",
            hint=nearest(archive, others) or "make the first one: `tgvault backup`, or `tgvault import PATH`",
        )
    return found


def find_snapshot(snapshots: Sequence[Snapshot], name: str, *, archive: str) -> Snapshot:
    """Find the snapshot that a name stands for.

    `latest` is the newest snapshot of the archive, `latest~2` the second before it. An id, or its first digits, names
    a snapshot of any archive.

    Raises:
        NotFoundError: there is none.
        AmbiguousNameError: the digits are those of several.
    """
    relative = _RELATIVE.fullmatch(name)
    if relative is not None:
        return _counted_back(in_archive(snapshots, archive), int(relative[1] or 0), archive)
    full = _FULL.fullmatch(name)
    digits = full[1] if full is not None else name.lower()
    if not _DIGITS.fullmatch(digits):
        raise NotFoundError(f"`{name}` is no snapshot", hint=_hint(name, snapshots))
    if len(digits) < MIN_DIGITS:
        raise NotFoundError(f"`{name}` is too short to name a snapshot", hint=f"give at least {MIN_DIGITS} digits")
    return _only([each for each in snapshots if digest_of(each.name).startswith(digits)], name, snapshots)


def as_of(snapshots: Iterable[Snapshot], when: datetime, *, archive: str) -> Snapshot:
    """Give the newest snapshot of an archive that was made at that time (aware) or before.

    Raises:
        NotFoundError: the archive's first snapshot is younger.
    """
    mine = in_archive(snapshots, archive)
    before = [each for each in mine if utc(each.manifest.time) <= when]
    if not before:
        first = min(mine, key=lambda each: each.manifest.time)
        raise NotFoundError(
            f"archive `{archive}` has no snapshot from {when.astimezone(UTC):%Y-%m-%d %H:%M} UTC or before",
            hint=f"its first one, `{first.id}`, is from {utc(first.manifest.time):%Y-%m-%d %H:%M} UTC",
        )
    return before[-1]


def _counted_back(mine: Sequence[Snapshot], back: int, archive: str) -> Snapshot:
    if back >= len(mine):
        count = "1 snapshot" if len(mine) == 1 else f"{len(mine)} snapshots"
        raise NotFoundError(
            f"there is no `{LATEST}~{back}`: archive `{archive}` has {count}",
            hint=f"the oldest is `{LATEST}~{len(mine) - 1}`, `{mine[0].id}`",
        )
    return mine[-1 - back]


def _only(found: Sequence[Snapshot], name: str, snapshots: Sequence[Snapshot]) -> Snapshot:
    if not found:
        raise NotFoundError(f"there is no snapshot `{name}`", hint=_hint(name, snapshots))
    if len(found) > 1:
        raise AmbiguousNameError(
            f"`{name}` are the first digits of {len(found)} snapshots",
            hint="give more digits: " + ", ".join(_described(each) for each in found),
        )
    return found[0]


def _described(snapshot: Snapshot) -> str:
    manifest = snapshot.manifest
    # Eight digits may be what is not enough.
    return f"`{digest_of(snapshot.name)[:16]}` ({manifest.archive}, {manifest.time})"


def _hint(name: str, snapshots: Sequence[Snapshot]) -> str:
    close = nearest(name, [LATEST, *(each.id for each in snapshots)]) or ""
    close = close if close.startswith("did you mean") else f"`{LATEST}` is the newest one,"
    return f"{close} `tgvault snapshots` lists all"
