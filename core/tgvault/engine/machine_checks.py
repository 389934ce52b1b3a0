"""What `doctor` looks at on this machine: clock, keyring, folders and the room that is left."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.engine.amounts import size
from tgvault.errors import TgVaultError
from tgvault.keys.oskeyring import Backend, allowed_backends
from tgvault.vault.manifests import SnapshotName

__all__ = ["Check", "check_clock", "check_folder", "check_keyring", "check_private", "check_space", "failed"]

#: Bytes that should be free: a run packs 16 MiB at a time, but an export that lies beside the vault takes more.
ENOUGH = 1 << 30

#: How far two machines' clocks may be apart.
_TOLERANCE = timedelta(minutes=10)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: Annotated[str, Meta(description="What was looked at.")]
    ok: Annotated[bool, Meta(description="Whether it is as it should be.")]
    detail: Annotated[str, Meta(description="What was found.")]
    hint: Annotated[str | None, Meta(description="The way out, or good advice.")] = None


def failed(name: str, error: Exception) -> Check:
    """Tell of something that went wrong while it was looked at."""
    return Check(name=name, ok=False, detail=str(error), hint=error.hint if isinstance(error, TgVaultError) else None)


def check_clock(now: datetime, *, made: datetime, snapshots: Iterable[SnapshotName]) -> Check:
    """Compare this machine's clock with the times that the vault bears; all are aware."""
    newest = max([made, *_times(snapshots)])
    told = f"it is {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if now >= newest - _TOLERANCE:
        return Check(name="clock", ok=True, detail=told)
    return Check(
        name="clock",
        ok=False,
        detail=f"{told} by this machine's clock, and the vault was written to at {newest:%Y-%m-%d %H:%M} UTC",
        hint="set the clock; snapshots are counted, so their order does not suffer",
    )


def _times(snapshots: Iterable[SnapshotName]) -> Iterator[datetime]:
    for name in snapshots:
        try:
            yield datetime.strptime(name.partition("/")[2][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            # Digits that are no date: whoever can write to the sink may name an object so.
            continue


def check_keyring(load: Callable[[], Backend], *, needed: bool) -> Check:
    """Look at the OS keyring; where the key comes from elsewhere, it may be missing."""
    try:
        backend = allowed_backends(load())[0]
    except TgVaultError as error:
        if needed:
            return failed("keyring", error)
        return Check(name="keyring", ok=True, detail=f"{error}; none is needed, the key comes from elsewhere")
    kind = type(backend)
    return Check(name="keyring", ok=True, detail=f"`{kind.__module__}.{kind.__qualname__}`")


def check_folder(name: str, folder: Path) -> Check:
    """See whether a folder is there and can be written to; nothing is written."""
    if not folder.exists():
        return Check(name=name, ok=False, detail=f"`{folder}` is not there", hint="is its disk mounted?")
    if not folder.is_dir():
        return Check(name=name, ok=False, detail=f"`{folder}` is no folder", hint="name another one in `vault.toml`")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Check(name=name, ok=False, detail=f"`{folder}` cannot be written to", hint="see who owns it: `ls -ld`")
    return Check(name=name, ok=True, detail=f"`{folder}` can be written to")


def check_private(name: str, folder: Path) -> Check:
    """Do as `check_folder` does, and see that nobody else can look into the folder; one that is missing is no fault."""
    if not folder.exists():
        return Check(name=name, ok=True, detail=f"`{folder}` will be made when it is needed")
    found = check_folder(name, folder)
    mode = stat.S_IMODE(folder.stat().st_mode)
    # Windows has no such bits; what Python tells there means nothing.
    if found.ok and os.name != "nt" and mode & 0o077:
        return Check(
            name=name,
            ok=False,
            detail=f"others can look into `{folder}` (mode {mode:o}); what lies there is encrypted",
            hint=f"`chmod 700 {folder}`",
        )
    return found


def check_space(folder: Path, *, free: Callable[[Path], int]) -> Check:
    """See how much room is left where a folder lies; `free` gives the bytes."""
    place = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    left = free(place)
    detail = f"{size(left)} left at `{place}`"
    hint = "make room: a backup that runs out of it ends, and nothing is lost"
    return Check(name="free space", ok=left >= ENOUGH, detail=detail, hint=None if left >= ENOUGH else hint)
