"""A vault's objects in a store that rclone knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import ClassVar

import msgspec

from tgvault.api import (
    OBJECT_NAME,
    Credential,
    CredentialField,
    MissingObjectError,
    ObjectName,
    SinkError,
    StoredObject,
)
from tgvault_plugins.rclone.config import RcloneConfig
from tgvault_plugins.rclone.daemon import Daemon
from tgvault_plugins.rclone.sending import UNFINISHED, looked_for, put, replace
from tgvault_plugins.rclone.store import Store

__all__ = ["RcloneSink"]

#: Seconds that rclone may take for one thing besides the transfer: it tries ten times by itself.
_STEP = 300.0

#: Seconds after which what is not whole was left behind. rclone gives files the times of this machine, whose clock may
#: be wrong by hours, but not by days.
_OLD = 3 * 24 * 60 * 60


class RcloneSink:
    """Keeps each object as a file of its name in the store.

    An object is sent from a file of this machine, so that rclone knows its size, compares its checksum afterwards where
    the store has one, and tries again. Stores that could show half a file get it under another name first; for the rest
    the store itself shows it whole or not at all.
    """

    config: ClassVar[type[msgspec.Struct]] = RcloneConfig
    medium: ClassVar[str] = "cloud storage"
    offsite: ClassVar[bool] = True

    def __init__(
        self,
        config: RcloneConfig,
        *,
        step: float = _STEP,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the settings, the seconds that each thing may take, transfer aside, the clock, and what waits."""
        self._now = now
        self._sleep = sleep
        self._password: str | None = None
        self._store = Store(config, lambda: Daemon(config, self._password), step=step)

    def credential_fields(self) -> Sequence[CredentialField]:
        """Name the one thing that may be needed: secrets of the stores are in rclone's configuration."""
        return (
            CredentialField(
                name="config-password",
                description="the password of rclone's configuration, if it has one",
                required=False,
                environment=("RCLONE_CONFIG_PASS",),
            ),
        )

    def use(self, credential: Credential) -> None:
        """Take the password."""
        self._password = credential.get("config-password")

    def prepare(self) -> None:
        """Make the folder."""
        self._store.make()

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under a name that is free; an object of that size that is there already is left alone."""
        put(self._store, _checked(name), data)

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under the name, in place of what is there."""
        replace(self._store, _checked(name), data)

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""

        def read() -> bytes | None:
            try:
                return self._store.read(_checked(name))
            except MissingObjectError:
                return None

        found = looked_for(self._store, name, read, sleep=self._sleep)
        if found is None:
            raise self._store.missing(name)
        return found

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        found = looked_for(self._store, name, lambda: self._store.size(_checked(name)), sleep=self._sleep)
        if found is None:
            raise self._store.missing(name)
        return found

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix; of two files with one name, which drives can have, one."""
        found = {
            each.path: each.size
            for each in self._store.entries(prefix)
            if each.path.startswith(prefix) and OBJECT_NAME.fullmatch(each.path)
        }
        yield from (StoredObject(ObjectName(name), size) for name, size in found.items())

    def delete(self, name: ObjectName) -> None:
        """Delete an object, and all others of that name."""
        with suppress(MissingObjectError):
            self._store.remove(_checked(name))
            while self._store.about().features.duplicate_files:
                self._store.remove(name)

    def tidy(self) -> None:
        """Remove unfinished files of killed writers, in stores that could have some."""
        if not self._store.about().leaves_halves:
            return
        for each in self._store.entries("", times=True):
            if UNFINISHED.fullmatch(each.path) and _age(each.mod_time, self._now()) > _OLD:
                with suppress(MissingObjectError):
                    self._store.remove(each.path)

    def close(self) -> None:
        """End rclone."""
        self._store.close()


def _checked(name: ObjectName) -> ObjectName:
    if not OBJECT_NAME.fullmatch(name):
        raise SinkError(f"`{name}` is not the name of an object")
    return name


def _age(written: str, now: float) -> float:
    """Seconds since a time as rclone tells it; none where it tells nothing that can be read."""
    try:
        return now - datetime.fromisoformat(written).timestamp()
    except ValueError:
        return 0
