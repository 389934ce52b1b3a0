"""A folder of a store, as rclone shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tgvault.api import MissingObjectError, SinkError, SinkGoneError
from tgvault_plugins.rclone.answers import About, Entry, Listing, Stat, understood
from tgvault_plugins.rclone.client import Client, RefusedError
from tgvault_plugins.rclone.config import RcloneConfig
from tgvault_plugins.rclone.daemon import Daemon
from tgvault_plugins.rclone.failures import as_sink_error

__all__ = ["Store"]

#: Bytes a second that a line carries at least, and the bytes of the largest object.
_SLOWEST, _OBJECT = 20_000, 32 << 20

#: Seconds that a listing of a whole vault may take.
_WHOLE = 3600.0


class Store:
    """Asks rclone, and raises its refusals as the errors that they stand for."""

    def __init__(self, config: RcloneConfig, start: Callable[[], Daemon], *, step: float) -> None:
        """Take the settings, what starts rclone, and the seconds that each thing may take, transfer aside."""
        self._root = config.root
        self._name = config.name
        self._step = step
        self._client = Client(start)
        self._met = False
        self._about: About | None = None

    @property
    def folder(self) -> Path:
        """The folder for files on their way."""
        return self._client.daemon().folder

    def make(self) -> None:
        """Make the folder."""
        self._call("operations/mkdir", {"fs": self._root, "remote": ""}, self._root)

    def about(self) -> About:
        """Tell what the store is like."""
        if self._about is None:
            self._about = understood(self._call("operations/fsinfo", {"fs": self._root}, self._root), About)
        return self._about

    def send(self, file: Path, name: str, **how: bool) -> None:
        """Send a file of this machine, under that name; `how` are settings of rclone's."""
        parameters = {"srcFs": str(file.parent), "srcRemote": file.name, "dstFs": self._root, "dstRemote": name}
        seconds = self._step + file.stat().st_size / _SLOWEST
        self._call("operations/copyfile", {**parameters, "_config": how}, name, seconds=seconds)

    def move(self, name: str, to: str, **how: bool) -> None:
        """Give a file another name; one that has that name is deleted first."""
        parameters = {"srcFs": self._root, "srcRemote": name, "dstFs": self._root, "dstRemote": to}
        self._call("operations/movefile", {**parameters, "_config": how}, to)

    def read(self, name: str) -> bytes:
        """Read a file whole."""
        with self._errors(name):
            return self._client.fetch(self._root, name, seconds=self._step + _OBJECT / _SLOWEST)

    def size(self, name: str) -> int | None:
        """Tell a file's size; None where there is none."""
        found = self._stat(name)
        return None if found is None or found.is_dir else found.size

    def remove(self, name: str) -> None:
        """Delete a file."""
        self._call("operations/deletefile", {"fs": self._root, "remote": name}, name)

    def entries(self, prefix: str, *, below: bool = True, times: bool = False) -> Sequence[Entry]:
        """List the files in the folder that the prefix names, and those in folders below."""
        folder = prefix.rpartition("/")[0]
        self.check(prefix)
        wanted = {"recurse": below, "filesOnly": True, "noModTime": not times, "noMimeType": True}
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

    def check(self, subject: str, *, again: bool = False) -> None:
        """Refuse to work in a folder that is not there, which rclone would make without a word."""
        if self._met and not again:
            return
        parameters = {"fs": self._root, "remote": "", "opt": {"noModTime": True, "noMimeType": True}}
        try:
            self._client.call("operations/list", parameters, seconds=self._step)
        except RefusedError as error:
            if not error.missing:
                raise as_sink_error(error.text, subject, self._name) from error
            raise SinkGoneError(
                f"there is no folder `{self._root}`",
                hint="correct `remote` in `vault.toml`;"
                " what is lost, `tgvault sync NAME --init` fills anew (the vault's own place is `primary`)",
            ) from error
        self._met = True

    def missing(self, subject: str) -> MissingObjectError:
        """Say that an object is not there, if the folder is."""
        self.check(subject, again=True)
        return MissingObjectError(
            f"`{subject}` is not in the vault",
            hint="look for it in another copy of the vault; `tgvault verify` lists everything that is missing",
        )

    def close(self) -> None:
        """End rclone."""
        self._client.close()

    def _stat(self, name: str) -> Entry | None:
        wanted = {"noModTime": True, "noMimeType": True}
        try:
            data = self._call("operations/stat", {"fs": self._root, "remote": name, "opt": wanted}, name)
        except MissingObjectError:
            return None
        return understood(data, Stat).item

    def _call(self, command: str, parameters: object, subject: str, *, seconds: float | None = None) -> bytes:
        with self._errors(subject):
            return self._client.call(command, parameters, seconds=seconds or self._step)

    @contextmanager
    def _errors(self, subject: str) -> Iterator[None]:
        try:
            yield
        except RefusedError as error:
            if error.missing:
                raise self.missing(subject) from error
            raise as_sink_error(error.text, subject, self._name) from error
