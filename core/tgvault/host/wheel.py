"""Looking into a wheel before anything of it is installed or run.

Format: <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>. An installed wheel can run
code whenever any Python of the environment starts, and can put files in the place of those of others; what would do so
is refused here. Nothing is unpacked, and nothing of the wheel is imported.
"""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.metadata import InvalidMetadata, Metadata
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from tgvault.errors import PluginRefusedError
from tgvault.host.archive_names import check_names
from tgvault.host.discovery import BUNDLED, GROUP
from tgvault.host.entry_points import read_entry_points
from tgvault.host.manifest import MANIFEST, Manifest, read_manifest
from tgvault.host.record import check_record
from tgvault.host.zip_layout import is_plain

__all__ = ["Wheel", "WheelPlugin", "inspect_wheel"]

#: The most that a wheel may hold: entries, and bytes once unpacked. tgvault's own has 594 and 2.6 MB.
MANY_ENTRIES: Final = 20_000
MANY_BYTES: Final = 512 << 20

#: Bytes of a file that is read whole, such as `METADATA`, at most.
MANY_BYTES_READ: Final = 4 << 20

#: Names of packages that are tgvault's own, whoever asks for them.
_OURS: Final = frozenset({"tgvault", "tgvault_plugins"})

_NATIVE: Final = frozenset({".so", ".pyd", ".dll", ".dylib"})

_HINT: Final = "do not install it; tell the plugin's author, or whoever you have it from"


@dataclass(frozen=True, slots=True)
class WheelPlugin:
    """A plugin in a wheel: its name, where it is (`module` or `module:object`), and what it says of itself."""

    name: str
    target: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Wheel:
    """What is in a wheel; `native` are the files of machine code in it."""

    name: str
    version: str
    plugins: tuple[WheelPlugin, ...]
    requires: tuple[str, ...]
    native: tuple[str, ...]


def inspect_wheel(file: Path, *, taken: Mapping[str, Collection[str]]) -> Wheel:
    """Look into a wheel, and make sure that it holds plugins and nothing that a plugin may not bring.

    `taken` says which distributions have each name that something can be imported by here.

    Raises:
        PluginRefusedError: it is no wheel, or one of which nothing should be installed; the message says why.
    """
    label = file.name
    try:
        with file.open("rb") as opened, zipfile.ZipFile(opened) as packed:
            name, version, _, _ = parse_wheel_filename(label)
            if not is_plain(packed, opened):
                raise _refused(f"`{label}` is a zip that not everybody reads in the same way")
            return _Inspection(packed, label, name, version).carry_out(taken)
    except InvalidWheelFilename:
        raise _refused(f"`{label}` is not named as wheels are: `name-1.0-py3-none-any.whl`") from None
    except OSError as error:
        raise PluginRefusedError(
            f"`{file}` cannot be read: {(error.strerror or str(error)).lower()}", hint="name another file"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise _refused(f"`{label}` is no whole wheel: {error}") from error


class _Inspection:
    def __init__(self, packed: zipfile.ZipFile, label: str, name: str, version: Version) -> None:
        self._packed = packed
        self._label = label
        self._name = name
        self._version = version

    def carry_out(self, taken: Mapping[str, Collection[str]]) -> Wheel:
        entries = self._packed.infolist()
        size = sum(each.file_size for each in entries)
        if len(entries) > MANY_ENTRIES or size > MANY_BYTES:
            raise _refused(f"`{self._label}` would unpack to {len(entries):,} files of {size:,} bytes")
        files = check_names(entries, self._label)
        info = self._info_folder(files)
        check_record(self._read(f"{info}/RECORD"), files, self._digest, folder=info, label=self._label)
        metadata = self._metadata(f"{info}/METADATA")
        targets = self._targets(info)
        self._check_free(self._packages(files, info, targets), taken)
        return Wheel(
            name=metadata.name,
            version=str(self._version),
            plugins=tuple(self._plugin(name, target, files) for name, target in targets.items()),
            requires=tuple(str(each) for each in metadata.requires_dist or ()),
            native=tuple(sorted(each for each in files if not _NATIVE.isdisjoint(PurePosixPath(each).suffixes))),
        )

    def _read(self, name: str) -> bytes:
        """Read a small file; nothing of one that there is not."""
        try:
            entry = self._packed.getinfo(name)
        except KeyError:
            return b""
        if entry.file_size > MANY_BYTES_READ:
            raise _refused(f"`{name}` in `{self._label}` has {entry.file_size:,} bytes")
        return self._packed.read(entry)

    def _digest(self, name: str) -> bytes:
        digest = sha256()
        with self._packed.open(name) as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return digest.digest()

    def _info_folder(self, files: Collection[str]) -> str:
        folders = {each.partition("/")[0] for each in files if each.partition("/")[0].endswith(".dist-info")}
        for folder in folders if len(folders) == 1 else ():
            name, _, version = folder.removesuffix(".dist-info").rpartition("-")
            if canonicalize_name(name) == self._name and _same_version(version, self._version):
                return folder
        raise _refused(f"`{self._label}` has not just the one `.dist-info` folder that its name announces")

    def _metadata(self, name: str) -> Metadata:
        try:
            metadata = Metadata.from_email(self._read(name))
        except ExceptionGroup as group:
            first = next((each for each in group.exceptions if isinstance(each, InvalidMetadata)), group)
            raise _refused(f"`METADATA` in `{self._label}` has a mistake: {first}") from None
        if canonicalize_name(metadata.name) != self._name or metadata.version != self._version:
            raise _refused(f"`METADATA` in `{self._label}` is that of `{metadata.name}` {metadata.version}")
        return metadata

    def _targets(self, info: str) -> Mapping[str, str]:
        listed = f"{info}/entry_points.txt"
        groups = read_entry_points(self._read(listed), self._label)
        if not groups.get(GROUP):
            raise _refused(f"`{self._label}` holds no plugin of tgvault: it has no entry point `{GROUP}`")
        if others := sorted(groups.keys() - {GROUP}):
            raise _refused(f"`{self._label}` hooks into other programs: it has entry points `{others[0]}`")
        bundled = {each.name for each in BUNDLED}
        if clash := sorted(bundled.intersection(groups[GROUP])):
            raise _refused(f"`{self._label}` has a plugin `{clash[0]}`, which is the name of one of tgvault's own")
        return groups[GROUP]

    def _packages(self, files: Collection[str], info: str, targets: Mapping[str, str]) -> set[str]:
        """Name what it is imported by; all else that it would lay into the environment is refused."""
        own = {_package_of(target) for target in targets.values()} | {self._name.replace("-", "_")}
        found = set()
        for name in files:
            top, slash, _ = name.partition("/")
            if top == info:
                continue
            if name.endswith(".pth"):
                raise _refused(f"`{self._label}` has `{name}`, which runs whenever Python starts")
            if top.endswith(".data"):
                raise _refused(f"`{self._label}` lays `{name}` outside of its own package")
            package = top if slash else top.partition(".")[0]
            if package not in own:
                raise _refused(f"`{self._label}` brings `{name}`, which is outside of its own package")
            found.add(package)
        return found

    def _check_free(self, packages: Collection[str], taken: Mapping[str, Collection[str]]) -> None:
        for package in sorted(packages):
            if package in _OURS:
                raise _refused(f"`{self._label}` would put files into tgvault's own package `{package}`")
            if package in sys.stdlib_module_names:
                raise _refused(f"`{self._label}` would take the place of Python's own module `{package}`")
            others = {each for each in taken.get(package, ()) if canonicalize_name(each) != self._name}
            if others:
                raise _refused(f"`{self._label}` would put files into the package `{package}` of `{min(others)}`")

    def _plugin(self, name: str, target: str, files: Collection[str]) -> WheelPlugin:
        where = f"{_package_of(target)}/{MANIFEST}"
        if where not in files:
            raise PluginRefusedError(
                f"plugin `{name}` in `{self._label}` does not say what it brings and needs: there is no `{where}`",
                hint="look for a newer version of it, or tell its author; docs/guides/plugins.md says what is missing",
            )
        return WheelPlugin(name, target, read_manifest(self._read(where), label=f"{self._label}/{where}"))


def _package_of(target: str) -> str:
    return target.partition(":")[0].partition(".")[0].strip()


def _same_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


def _refused(message: str) -> PluginRefusedError:
    return PluginRefusedError(message, hint=_HINT)
