"""Zips that say different things to different readers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from tgvault.host.zip_layout import is_plain


def packed(*names: str, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, f"content of {name} " * 9)
        made.comment = comment
    return file.getvalue()


def plain(data: bytes) -> bool:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file) as opened:
        return is_plain(opened, file)


class Pipe(io.BytesIO):
    """What is written to it cannot be gone back in, so sizes are written behind the contents."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def test_what_tools_write_is_plain() -> None:
    assert plain(packed())
    assert plain(packed("a"))
    assert plain(packed("a", "b/c", "h\u00e9", "\u0434"))


def test_sizes_may_stand_behind_the_contents() -> None:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as made:
        for name in ("a", "b"):
            made.writestr(name, name * 100)

    assert plain(pipe.getvalue())


def _hidden(data: bytes) -> bytes:
    """An entry that stands along the way and not in the directory."""
    extra = packed("evil.pth")
    entry = extra[: extra.index(b"PK\x01\x02")]
    at = data.index(b"PK\x01\x02")
    return data[:at] + entry + data[at:]


def _renamed(data: bytes) -> bytes:
    return data.replace(b"bb", b"cc", 1)


def _twice(data: bytes) -> bytes:
    return data + packed("evil.pth")


def _cut_name(data: bytes) -> bytes:
    return data.replace(b"bb", b"b\0")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"#!/bin/sh\n" + data,
        lambda data: data + b"behind",
        lambda data: packed("aa", "bb", comment=b"PK"),
        _hidden,
        _renamed,
        _twice,
        _cut_name,
    ],
    ids=["something before", "something behind", "a comment", "a hidden entry", "two names", "two zips", "a cut name"],
)
def test_what_can_be_read_in_two_ways_is_not(change: Callable[[bytes], bytes]) -> None:
    data = packed("aa", "bb")

    assert plain(data)
    assert not plain(change(data))
