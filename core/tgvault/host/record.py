"""The list of a distribution's files with their digests.

Format: <https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file>.
"""

from __future__ import annotations

import csv
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from typing import Final

from tgvault.errors import PluginRefusedError

__all__ = ["check_record"]

#: Files that are no part of what they list, and signatures over it, which nothing looks at any more.
_UNLISTED: Final = ("RECORD", "RECORD.jws", "RECORD.p7s")

_HINT: Final = "fetch it again; if that does not help, do not install it"


def check_record(
    record: bytes, files: Collection[str], digest: Callable[[str], bytes], *, folder: str, label: str
) -> None:
    """Make sure that the `RECORD` of a wheel lists every file of it, and no other, with its SHA-256.

    `digest` gives that of a file, and `folder` is the one that the `RECORD` lies in.

    Raises:
        PluginRefusedError: it does not; the message names the file.
    """
    try:
        rows = {row[0]: row[1] for row in csv.reader(record.decode().splitlines(), strict=True) if row}
    except (IndexError, UnicodeDecodeError, csv.Error):
        raise PluginRefusedError(f"the `RECORD` of `{label}` cannot be read", hint=_HINT) from None
    own = {f"{folder}/{name}" for name in _UNLISTED}
    for name in files:
        if name not in own and rows.get(name) != _written(digest(name)):
            wrong = "is not what its `RECORD` says" if name in rows else "is not in its `RECORD`"
            raise PluginRefusedError(f"`{name}` in `{label}` {wrong}", hint=_HINT)
    if missing := sorted(rows.keys() - set(files) - own):
        raise PluginRefusedError(f"`{missing[0]}` is in the `RECORD` of `{label}` and not in it", hint=_HINT)


def _written(digest: bytes) -> str:
    return "sha256=" + urlsafe_b64encode(digest).rstrip(b"=").decode()
