"""Files in another encoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.json.windows import Bytes
from tgvault_plugins.desktop_export import encoding as module
from tgvault_plugins.desktop_export.encoding import Utf16Window, text_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(TEXT, st.sampled_from(["utf-16-le", "utf-16-be"]), st.integers(0, 200), st.integers(0, 200))
def test_any_part_of_the_text_can_be_read(text: str, encoding: str, start: int, stop: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", 8)
        window = Utf16Window(Bytes(text.encode(encoding)), encoding)

        assert window.size == len(text.encode())
        assert window.read(start, stop) == text.encode()[start:stop]


@pytest.mark.parametrize(
    ("data", "start", "text"),
    [
        (b'{"a":1}', 0, b'{"a":1}'),
        (b'\xef\xbb\xbf{"a":1}', 3, b'{"a":1}'),
        ('{"a":1}'.encode("utf-16-le"), 0, b'{"a":1}'),
        ('{"a":1}'.encode("utf-16-be"), 0, b'{"a":1}'),
        (b"\xff\xfe" + '{"ä":1}'.encode("utf-16-le"), 3, '{"ä":1}'.encode()),
        (b"\xfe\xff" + '{"ä":1}'.encode("utf-16-be"), 3, '{"ä":1}'.encode()),
        (b"", 0, b""),
    ],
)
def test_the_first_bytes_tell_the_encoding(data: bytes, start: int, text: bytes) -> None:
    view, at = text_of(Bytes(data))

    assert at == start
    assert view.take(at, view.size) == text


def test_half_a_character_becomes_a_mark() -> None:
    window = Utf16Window(Bytes(b"a\0\x00\xd8b\0"), "utf-16-le")

    assert window.read(0, 99) == "a\ufffdb".encode()
    window.close()
