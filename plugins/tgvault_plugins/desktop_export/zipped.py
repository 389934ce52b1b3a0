"""An export that lies in a zip, read without unpacking it to disk."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NoReturn, cast

from tgvault.api import (
    HostilePathError,
    MediaFile,
    OpenedMedia,
    UnreadableExportError,
    UnrecognisedExportError,
)
from tgvault_plugins.desktop_export.folder import FileWindow, stamp
from tgvault_plugins.desktop_export.inflate import Member, MemberFile, MemberWindow
from tgvault_plugins.desktop_export.paths import NOT_PLAIN, parts, shown

__all__ = ["ZipRoot"]

#: What tells an export's top folder.
_TOPS = frozenset({"result.json", "messages.html", "export_results.html"})
#: A member this large that unpacks to this many times its size is taken for a bomb. Text gives 5 to 40.
_LARGE = 1 << 26
_RATIO = 250
_LOCAL = struct.Struct("<4s22xHH")
_UTF8 = 0x800
_ENCRYPTED = 0x1


class ZipRoot:
    """An export in a zip, at its top or in the one folder of it that has an export's files."""

    def __init__(self, location: Path) -> None:
        self.location = location
        self.refused: dict[str, str] = {}
        try:
            with zipfile.ZipFile(location) as found:
                infos = found.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as exc:
            raise UnreadableExportError(
                f"`{location}` is no zip that can be read", hint="unpack it and name the folder"
            ) from exc
        members: dict[str, zipfile.ZipInfo] = {}
        for name, info in (self._member(info) for info in infos if not info.is_dir()):
            if name in members:
                self.refused[shown(name)] = "stands twice in the zip, the first one is not read"
            members[name] = info
        prefix = self._prefix(members)
        self.folder_name = PurePosixPath(prefix).name or location.stem
        self._members = {name[len(prefix) :]: info for name, info in members.items() if name.startswith(prefix)}
        self._stamp = stamp(location.stat())

    def open(self, name: str) -> OpenedMedia:
        """Open a plain file."""
        info = self._info(name)
        if (reason := _unfit(info)) is not None:
            raise HostilePathError(f"`{shown(name)}` in the zip {reason}", hint="unpack the zip and import the folder")
        window, member = self._found(name, info)
        file = io.BufferedReader(MemberFile(window, member))
        return OpenedMedia(cast("io.BufferedReader", file), info.file_size, self._stamped(info))

    def read(self, name: str, limit: int) -> bytes:
        """Read a file whole."""
        if self._info(name).file_size > limit:
            raise UnreadableExportError(f"`{shown(name)}` is longer than {limit} bytes")
        with self.open(name).file as file:
            return file.read()

    def window(self, name: str) -> MemberWindow:
        """Open a large file for random access."""
        info = self._info(name)
        if (reason := _unfit(info)) is not None:
            raise UnreadableExportError(
                f"`{shown(name)}` in the zip {reason}", hint="unpack the zip and import the folder"
            )
        return MemberWindow(*self._found(name, info))

    def names(self, folder: str = "") -> list[str]:
        """Names of the plain files directly in a folder."""
        prefix = "/".join(parts(folder)) + "/" if folder else ""
        inside = [name[len(prefix) :] for name in self._members if name.startswith(prefix)]
        return sorted(name for name in inside if "/" not in name)

    def walk(self, folders: Iterable[str]) -> Iterator[MediaFile]:
        """Yield the plain files below these folders."""
        tops = set(folders)
        for name in sorted(self._members):
            if "/" in name and name.partition("/")[0] in tops:
                yield self.stat(name)

    def stat(self, name: str) -> MediaFile:
        """Size and stamp of a file."""
        info = self._info(name)
        return MediaFile(name, info.file_size, self._stamped(info))

    def modified(self, name: str) -> float:
        """When the file was last changed; a zip says so in its maker's local time, which is taken for UTC."""
        try:
            return datetime(*self._info(name).date_time, tzinfo=UTC).timestamp()
        except ValueError:
            return self.location.stat().st_mtime

    def close(self) -> None:
        """Nothing stays open."""

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self._members.get("/".join(parts(name)))
        if info is None:
            raise FileNotFoundError(name)
        return info

    def _stamped(self, info: zipfile.ZipInfo) -> bytes:
        # The checksum alone is no proof: two files with the same one are made in no time.
        return struct.pack("<QIQ", info.header_offset, info.CRC, info.file_size) + self._stamp

    def _member(self, info: zipfile.ZipInfo) -> tuple[str, zipfile.ZipInfo]:
        name = _name(info)
        kind = stat.S_IFMT(info.external_attr >> 16)
        reason = NOT_PLAIN if kind not in {0, stat.S_IFREG} else None
        try:
            path = "/".join(parts(name))
        except HostilePathError:
            reason = "its path leads out of the export, not read"
        if reason is not None:
            self.refused[shown(name)] = reason
            # Under this name nothing can be asked for.
            return f"/{name}", info
        return path, info

    def _prefix(self, members: dict[str, zipfile.ZipInfo]) -> str:
        tops = {name.rpartition("/")[0] for name in members if name.rpartition("/")[2] in _TOPS and name[0] != "/"}
        shallow = sorted(top for top in tops if top.count("/") + bool(top) == min(t.count("/") + bool(t) for t in tops))
        if len(shallow) > 1:
            raise UnrecognisedExportError(
                f"`{self.location}` holds several exports: {', '.join(f'`{shown(top)}`' for top in shallow[:5])}",
                hint="unpack it and import one folder after the other, the oldest first",
            )
        return f"{shallow[0]}/" if shallow and shallow[0] else ""

    def _found(self, name: str, info: zipfile.ZipInfo) -> tuple[FileWindow, Member]:
        file = self.location.open("rb")
        window = FileWindow(file, self.location.stat().st_size)
        magic, name_length, extra_length = _LOCAL.unpack(window.read(info.header_offset, info.header_offset + 30))
        if magic != b"PK\3\4":
            window.close()
            self._damaged(name)
        offset = info.header_offset + 30 + name_length + extra_length
        stored = info.compress_type == zipfile.ZIP_STORED
        return window, Member(name, offset, info.compress_size, info.file_size, info.CRC, stored)

    def _damaged(self, name: str) -> NoReturn:
        raise UnreadableExportError(
            f"`{shown(name)}` does not stand where the directory of `{self.location}` says",
            hint="test the zip with `unzip -t`, and make it anew from the folder",
        )


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename if "\0" in info.orig_filename else info.filename
    if not info.flag_bits & _UTF8:
        # Without the mark for UTF-8, most programs still write UTF-8.
        with suppress(ValueError):
            name = name.encode("cp437").decode()
    # Some versions of Windows write backslashes between folders.
    return name.replace("\\", "/")


def _unfit(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "is packed in a way that is not read here"
    if info.file_size > _LARGE and info.file_size > info.compress_size * _RATIO:
        return f"unpacks to more than {_RATIO} times its size"
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        return "has two sizes"
    return None
