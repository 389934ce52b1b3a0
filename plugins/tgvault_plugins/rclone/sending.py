"""Objects on their way to a store: from a file of this machine, and whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from tgvault.api import MissingObjectError, ObjectName, SinkError, SinkUnavailableError
from tgvault_plugins.rclone.daemon import PARTIAL
from tgvault_plugins.rclone.store import Store

__all__ = ["UNFINISHED", "looked_for", "put", "replace"]

#: Names of files that are not whole yet: those that rclone gives, and ours.
UNFINISHED = re.compile(r"(?P<name>.+)\.[0-9a-f]{8}" + re.escape(PARTIAL))

#: How often an object is laid aside and sent, if rclone dies meanwhile.
_SENDS = 3

#: How the names of objects begin that change, and how often, and after how many seconds each, to look for one again.
_REPLACEABLE = ("vault.json", "keys/")
_LOOKS, _PAUSE = 40, 0.05

_T = TypeVar("_T", int, bytes)


def put(store: Store, name: ObjectName, data: bytes) -> None:
    """Store data under a name that is free; an object of that size that is there already is left alone."""
    if not store.about().shows_halves:
        _sent(store, data, name, lambda file: store.send(file, name, SizeOnly=True))
    elif store.size(name) != len(data):
        _sent(store, data, name, lambda file: _in_steps(store, file, name, keep="SizeOnly"))


def replace(store: Store, name: ObjectName, data: bytes) -> None:
    """Store data under the name, in place of what is there."""
    if not store.about().shows_halves:
        _sent(store, data, name, lambda file: store.send(file, name, IgnoreTimes=True))
    else:
        _sent(store, data, name, lambda file: _in_steps(store, file, name, keep="IgnoreTimes"))


def looked_for(
    store: Store, name: ObjectName, look: Callable[[], _T | None], *, sleep: Callable[[float], None]
) -> _T | None:
    """Look for an object, again while somebody replaces it, where rclone does that in two steps."""
    found = look()
    if found is not None or not name.startswith(_REPLACEABLE) or not store.about().shows_halves:
        return found
    for _ in range(_LOOKS):
        # Twice: a name that is given while a folder is listed may be left out of the listing.
        coming = _comes(store, name) or _comes(store, name)
        found = look()
        if found is not None or not coming:
            return found
        sleep(_PAUSE)
    return None


def _comes(store: Store, name: str) -> bool:
    """Say whether the object is there, or one that is to have its name."""
    for each in store.entries(name, below=False):
        unfinished = UNFINISHED.fullmatch(each.path)
        if name == (unfinished["name"] if unfinished else each.path):
            return True
    return False


def _in_steps(store: Store, file: Path, name: str, *, keep: str) -> None:
    """Send under another name, then give the file its own; `keep` says which file with that name stays."""
    aside = f"{name}.{secrets.token_hex(4)}{PARTIAL}"
    try:
        store.send(file, aside, IgnoreTimes=True)
        store.move(aside, name, **{keep: True})
    except BaseException:
        with suppress(SinkError):
            store.remove(aside)
        raise


def _sent(store: Store, data: bytes, name: str, send: Callable[[Path], None]) -> None:
    store.check(name)
    for _ in range(_SENDS):
        # The file on its way goes away with a rclone that dies; then it is missing for the next one.
        with suppress(MissingObjectError), _laid_aside(store, data) as file:
            send(file)
            return
    raise SinkUnavailableError(f"rclone ends while it sends `{name}`", hint="try `rclone version` in a terminal")


def _give_its_own_time(file: Path) -> None:
    """Let no other file have this one's time, to the nanosecond.

    rclone names what is not whole yet after the size and the time of what it sends (fs/operations/copy.go). Two that
    send the same object in the same moment would write into one file, and the second would find it gone.
    """
    now = file.stat().st_mtime_ns
    os.utime(file, ns=(now, now - secrets.randbelow(1_000_000_000)))


@contextmanager
def _laid_aside(store: Store, data: bytes) -> Iterator[Path]:
    """Lay data into a file of this machine, which only this user can read; it is encrypted anyway."""
    file = store.folder / secrets.token_hex(8)
    try:
        file.write_bytes(data)
        _give_its_own_time(file)
        yield file
    except FileNotFoundError as error:
        raise MissingObjectError("rclone has died") from error
    except OSError as error:
        raise SinkUnavailableError(
            f"an object cannot be laid into `{file.parent}`: {(error.strerror or str(error)).lower()}",
            hint="free some space there, or name another folder in `$TMPDIR`",
        ) from error
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)
