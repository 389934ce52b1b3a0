from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.crypto.age import Identity, unseal
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.errors import CorruptObjectError
from tgvault.vault.frames import DIRECTORY_MAGIC, all_content, decompress, padding, skippable
from tgvault.vault.packs import (
    SHARED_FRAME,
    BlobPlace,
    FrameBuilder,
    PackBuilder,
    SealedPack,
    directory_lines,
    pack_name,
    parse_directory_line,
    read_directory,
)

IDENTITY = Identity.generate()
KEY = IdKey(bytes(32))
WHERE = "packs/ab/x.age"


def sealed(shared: list[bytes], whole: list[bytes]) -> SealedPack:
    builder, frames = PackBuilder(), FrameBuilder()
    for content in shared:
        frame = frames.add(KEY.blob_id(content), content)
        if frame is not None:
            builder.add_frame(frame)
    for content in whole:
        builder.add_incompressible(KEY.blob_id(content), content)
    frame = frames.flush()
    if frame is not None:
        builder.add_frame(frame)
    return builder.seal(IDENTITY.recipient)


def content_at(plaintext: bytes, place: BlobPlace) -> bytes:
    frame = plaintext[place.frame_offset : place.frame_offset + place.frame_length]
    return decompress(frame, where=WHERE)[place.offset : place.offset + place.length]


@given(st.lists(st.binary(max_size=400), max_size=6), st.lists(st.binary(max_size=400), max_size=3))
def test_every_blob_stands_where_the_directory_says(shared: list[bytes], whole: list[bytes]) -> None:
    pack = sealed(shared, whole)
    plaintext = unseal(pack.data, [IDENTITY])

    places = read_directory(plaintext, where=WHERE)

    assert places == pack.places
    assert [content_at(plaintext, place) for place in places] == [*whole, *shared]
    assert [place.blob for place in places] == [KEY.blob_id(each) for each in [*whole, *shared]]


@given(st.lists(st.binary(max_size=400), max_size=6))
def test_a_pack_has_a_padme_length_and_the_content_of_its_blobs(shared: list[bytes]) -> None:
    plaintext = unseal(sealed(shared, []).data, [IDENTITY])

    assert padding(len(plaintext)) == b""
    assert all_content(plaintext, where=WHERE) == b"".join(shared)


def test_a_pack_is_named_by_its_bytes() -> None:
    pack = sealed([b"a"], [])

    digest = hashlib.sha256(pack.data).hexdigest()
    assert pack.name == f"packs/{digest[:2]}/{digest}.age" == pack_name(digest)


def test_age_and_zstd_alone_open_a_pack(tmp_path: Path) -> None:
    assert shutil.which("age")
    key, file = tmp_path / "key", tmp_path / "pack.age"
    key.write_text(IDENTITY.text)
    file.write_bytes(sealed([b"one", b"two"], [b"three"]).data)

    plaintext = subprocess.run(["age", "-d", "-i", key, file], capture_output=True, check=True).stdout
    content = subprocess.run(["zstd", "-dc"], input=plaintext, capture_output=True, check=True).stdout

    assert content == b"threeonetwo"


def test_small_blobs_share_a_frame_until_it_is_full() -> None:
    frames = FrameBuilder()
    half = bytes(SHARED_FRAME // 2)

    first = frames.add(BlobId(b"a" * 32), half)
    second = frames.add(BlobId(b"b" * 32), half)

    assert first is None
    assert second is not None
    assert second.blobs == [(b"a" * 32, 0, len(half)), (b"b" * 32, len(half), len(half))]
    assert frames.flush() is None


def test_what_a_pack_shows_of_itself_holds_no_content() -> None:
    pack = sealed([b"secret"], [])

    assert "secret" not in repr(pack)
    assert repr(pack) == f"SealedPack(name='{pack.name}')"


def test_a_place_is_written_and_read_as_the_format_says() -> None:
    place = BlobPlace(BlobId(b"\xab" * 32), 1, 2, 3, 4)

    (line,) = directory_lines([place])

    assert line == b'["%s",1,2,3,4]\n' % (b"ab" * 32)
    assert parse_directory_line(line, where=WHERE) == place


@pytest.mark.parametrize(
    "line",
    [
        b"", b"5", b'["ab",1,2,3]', b'["xy",1,2,3,4]', b'["ab",1,2,3,"4"]', b'["%s",-1,2,3,4]' % (b"ab" * 32),
        b'["ab",1,2,3,4]', b'["%s",1,2,3,%d]' % (b"ab" * 32, 1 << 63), b"\xff",
    ],
)  # fmt: skip
def test_a_line_that_is_no_place_is_reported_with_its_object(line: bytes) -> None:
    with pytest.raises(CorruptObjectError, match=WHERE):
        parse_directory_line(line, where=WHERE)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"short",
        b"no directory at the end",
        skippable(DIRECTORY_MAGIC, (500).to_bytes(4, "little") + b"TGV1"),
        skippable(DIRECTORY_MAGIC, b"rubbish\n" + (8).to_bytes(4, "little") + b"TGV1"),
    ],
)
def test_a_pack_without_a_directory_is_reported(plaintext: bytes) -> None:
    with pytest.raises(CorruptObjectError, match=WHERE):
        read_directory(plaintext, where=WHERE)


def test_a_pack_without_blobs_has_no_size() -> None:
    assert PackBuilder().size == 0


def test_a_pack_of_many_small_blobs_counts_what_its_directory_takes() -> None:
    """A million stickers of a few bytes each must not make an object that no store takes."""
    builder = PackBuilder()
    for number in range(1000):
        builder.add_incompressible(BlobId(number.to_bytes(32, "big")), b"x")
    size = builder.size

    assert 0.8 * size < len(builder.seal(IDENTITY.recipient).data) < 1.2 * size
