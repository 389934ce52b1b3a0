"""A vault's objects in a store that rclone knows."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec

from tgvault.api import (
    OBJECT_NAME,
    Credential,
    CredentialField,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault_plugins.rclone.answers import About, Entry, Features, Listing, Stat, understood
from tgvault_plugins.rclone.client import Client, RefusedError
from tgvault_plugins.rclone.config import RcloneConfig
from tgvault_plugins.rclone.daemon import PARTIAL, Daemon
from tgvault_plugins.rclone.failures import as_sink_error

__all__ = ["RcloneSink"]

#: Seconds that rclone may take for one thing besides the transfer: it tries ten times by itself.
_STEP = 300.0

#: Bytes a second that a line carries at least, and the bytes of the largest object.
_SLOWEST, _OBJECT = 20_000, 32 << 20

#: Seconds that a listing of a whole vault may take.
_WHOLE = 3600.0

#: Seconds after which what is not whole was left behind. rclone gives files the times of this machine, whose clock may
#: be wrong by hours, but not by days.
_OLD = 3 * 24 * 60 * 60

#: How often an object is laid aside and sent, if rclone dies meanwhile.
_SENDS = 3

#: Names that rclone gives to files that are not whole yet.
_UNFINISHED = re.compile(r".+\.[0-9a-f]{8}" + re.escape(PARTIAL))


class RcloneSink:
    """Keeps each object as a file of its name in the store.

    An object is sent from a file of this machine, so that rclone knows its size, compares its checksum afterwards where
    the store has one, and tries again. Stores that could show half a file get it under another name first; for the rest
    the store itself shows it whole or not at all.
    """

    config: ClassVar[type[msgspec.Struct]] = RcloneConfig
    medium: ClassVar[str] = "cloud storage"
    offsite: ClassVar[bool] = True

    def __init__(self, config: RcloneConfig, *, step: float = _STEP, now: Callable[[], float] = time.time) -> None:
        """Take the settings, the seconds that each thing may take, transfer aside, and the clock."""
        self._config = config
        self._step = step
        self._now = now
        self._password: str | None = None
        self._client = Client(lambda: Daemon(config, self._password))
        self._met = False
        self._features: Features | None = None

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
        self._call("operations/mkdir", {"fs": self._root, "remote": ""}, self._root)

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under a name that is free; an object of that size that is there already is left alone."""
        self._send(name, data, {"SizeOnly": True})

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under the name, in place of what is there."""
        self._send(name, data, {"IgnoreTimes": True})

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        with self._errors(_checked(name)):
            return self._client.fetch(self._root, name, seconds=self._step + _OBJECT / _SLOWEST)

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        found = self._stat(_checked(name))
        if found is None or found.is_dir:
            raise self._missing(name)
        return found.size

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix; of two files with one name, which drives can have, one."""
        found = {
            each.path: each.size
            for each in self._entries(prefix)
            if each.path.startswith(prefix) and OBJECT_NAME.fullmatch(each.path)
        }
        yield from (StoredObject(ObjectName(name), size) for name, size in found.items())

    def delete(self, name: ObjectName) -> None:
        """Delete an object, and all others of that name."""
        with suppress(MissingObjectError):
            self._remove(_checked(name))
            while self._told().duplicate_files:
                self._remove(name)

    def tidy(self) -> None:
        """Remove unfinished files of killed writers, in stores that could show them."""
        if not self._told().partial_uploads:
            return
        for each in self._entries("", times=True):
            if _UNFINISHED.fullmatch(each.path) and _age(each.mod_time, self._now()) > _OLD:
                with suppress(MissingObjectError):
                    self._remove(each.path)

    def close(self) -> None:
        """End rclone."""
        self._client.close()

    @property
    def _root(self) -> str:
        return self._config.root

    def _send(self, name: ObjectName, data: bytes, how: Mapping[str, bool]) -> None:
        self._check_root(_checked(name))
        seconds = self._step + len(data) / _SLOWEST
        for _ in range(_SENDS):
            # The file on its way goes away with a rclone that dies; then it is missing for the next one.
            with suppress(MissingObjectError), self._aside(data) as file:
                parameters = {"srcFs": str(file.parent), "srcRemote": file.name, "dstFs": self._root, "dstRemote": name}
                self._call("operations/copyfile", {**parameters, "_config": how}, name, seconds=seconds)
                return
        raise SinkUnavailableError(f"rclone ends while it sends `{name}`", hint="try `rclone version` in a terminal")

    @contextmanager
    def _aside(self, data: bytes) -> Iterator[Path]:
        """Lay data into a file of this machine, which only this user can read; it is encrypted anyway."""
        file = self._client.daemon().folder / secrets.token_hex(8)
        try:
            file.write_bytes(data)
            yield file
        except OSError as error:
            raise SinkUnavailableError(
                f"an object cannot be laid into `{file.parent}`: {(error.strerror or str(error)).lower()}",
                hint="free some space there, or name another folder in `$TMPDIR`",
            ) from error
        finally:
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _entries(self, prefix: str, *, times: bool = False) -> Sequence[Entry]:
        """List all files in the folder that the prefix names, and below."""
        folder = prefix.rpartition("/")[0]
        self._check_root(prefix)
        wanted = {"recurse": True, "filesOnly": True, "noModTime": not times, "noMimeType": True}
        try:
            parameters = {"fs": self._root, "remote": folder, "opt": wanted}
            data = self._call("operations/list", parameters, prefix or self._root, seconds=_WHOLE)
        except MissingObjectError:
            return []
        except SinkError:
            # Not every store knows a folder that is not there from one that cannot be read.
            found = self._stat(folder) if folder else None
            if folder and (found is None or not found.is_dir):
                return []
            raise
        return understood(data, Listing).entries

    def _stat(self, name: str) -> Entry | None:
        wanted = {"noModTime": True, "noMimeType": True}
        try:
            data = self._call("operations/stat", {"fs": self._root, "remote": name, "opt": wanted}, name)
        except MissingObjectError:
            return None
        return understood(data, Stat).item

    def _remove(self, name: str) -> None:
        self._call("operations/deletefile", {"fs": self._root, "remote": name}, name)

    def _told(self) -> Features:
        if self._features is None:
            data = self._call("operations/fsinfo", {"fs": self._root}, self._root)
            self._features = understood(data, About).features
        return self._features

    def _call(self, command: str, parameters: object, subject: str, *, seconds: float | None = None) -> bytes:
        with self._errors(subject):
            return self._client.call(command, parameters, seconds=seconds or self._step)

    @contextmanager
    def _errors(self, subject: str) -> Iterator[None]:
        try:
            yield
        except RefusedError as error:
            if error.missing:
                raise self._missing(subject) from error
            raise as_sink_error(error.text, subject, self._config.name) from error

    def _missing(self, subject: str) -> MissingObjectError:
        self._check_root(subject, again=True)
        return MissingObjectError(
            f"`{subject}` is not in the vault",
            hint="look for it in another copy of the vault; `tgvault verify` lists everything that is missing",
        )

    def _check_root(self, subject: str, *, again: bool = False) -> None:
        """Refuse to work in a folder that is not there, which rclone would make without a word."""
        if self._met and not again:
            return
        parameters = {"fs": self._root, "remote": "", "opt": {"noModTime": True, "noMimeType": True}}
        try:
            self._client.call("operations/list", parameters, seconds=self._step)
        except RefusedError as error:
            if not error.missing:
                raise as_sink_error(error.text, subject, self._config.name) from error
            raise SinkUnavailableError(
                f"there is no folder `{self._root}`",
                hint="correct `remote` in `vault.toml`; `tgvault init` makes a new vault",
            ) from error
        self._met = True


def _checked(name: str) -> str:
    if not OBJECT_NAME.fullmatch(name):
        raise SinkError(f"`{name}` is not the name of an object")
    return name


def _age(written: str, now: float) -> float:
    """Seconds since a time as rclone tells it; none where it tells nothing that can be read."""
    try:
        return now - datetime.fromisoformat(written).timestamp()
    except ValueError:
        return 0
