"""Names in an archive that somebody else has made."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterable
from typing import Final
from zipfile import ZipInfo

from tgvault.errors import PluginRefusedError

__all__ = ["check_names"]

#: What no name may hold, on any system: controls, what turns the direction of text, drives, and Windows' other slash.
_HARMFUL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069:\\\\]")

_LONGEST: Final = 240
_ENCRYPTED: Final = 0x1


def check_names(entries: Iterable[ZipInfo], label: str) -> list[str]:
    """Give the names of the files in a zip; folders are left out.

    Raises:
        PluginRefusedError: one would lead out of the folder that it is unpacked into, is no plain file, cannot be read
            without a password, or is there twice, be it only on systems that know no case.
    """
    names: dict[str, str] = {}
    for entry in entries:
        wrong = _wrong(entry)
        if wrong is not None:
            raise PluginRefusedError(f"`{entry.filename[:_LONGEST]}` in `{label}` {wrong}", hint="do not install it")
        if entry.is_dir():
            continue
        folded = unicodedata.normalize("NFC", entry.filename).casefold()
        if folded in names:
            raise PluginRefusedError(f"`{entry.filename}` is in `{label}` twice", hint="do not install it")
        names[folded] = entry.filename
    return list(names.values())


def _wrong(entry: ZipInfo) -> str | None:
    parts = entry.filename.rstrip("/").split("/")
    if _HARMFUL.search(entry.filename) or len(entry.filename) > _LONGEST:
        return "has a name that not every system can hold"
    if entry.filename.startswith("/") or not {"", ".", ".."}.isdisjoint(parts):
        return "leads out of the wheel"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is no plain file"
    return "is encrypted" if entry.flag_bits & _ENCRYPTED else None
