from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from key_support import all_texts
from tgvault.errors import BadKeyError, NoIdentityError, UsageError
from tgvault.keys.private_file import as_text, check_free, read_private, write_private


def test_a_file_is_written_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    before = os.umask(0)
    try:
        write_private(path, "geheim ä\n")
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == "geheim ä\n".encode()


def test_a_file_and_its_name_are_on_the_disk_when_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)

    write_private(tmp_path / "key", "text")

    assert flushed == [str(tmp_path / "key"), str(tmp_path)]


def test_a_folder_that_cannot_be_flushed_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not here")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)

    write_private(tmp_path / "key", "text")

    assert (tmp_path / "key").read_text() == "text"


def test_nothing_is_ever_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("old")

    with pytest.raises(UsageError, match="exists already"):
        write_private(path, "new")

    assert path.read_text() == "old"


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "key.txt"
    link.symlink_to(tmp_path / "elsewhere.txt")

    with pytest.raises(UsageError, match="exists already"):
        write_private(link, "new")

    assert not (tmp_path / "elsewhere.txt").exists()


def test_a_file_that_appears_in_the_meantime_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.txt"
    path.write_text("old")
    monkeypatch.setattr(os.path, "lexists", lambda _: False)

    with pytest.raises(UsageError, match="exists already"):
        write_private(path, "new")

    assert path.read_text() == "old"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        check_free(tmp_path / "none" / "key.txt")


def test_a_name_that_the_folder_does_not_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        write_private(tmp_path / "".join(["k"] * 150).replace("k", "ää"), "x")


def test_a_write_that_fails_leaves_no_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(UsageError, match="No space left"):
        write_private(tmp_path / "key.txt", "secret")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("secret")
    path.chmod(0o640)

    private = read_private(path)

    assert private.text == "secret"
    assert private.notices == (f"the key file `{path}` can be read by others; run `chmod 600 {path}`",)
    assert "secret" not in all_texts(private)


def test_a_file_of_the_owner_alone_is_not(tmp_path: Path) -> None:
    write_private(tmp_path / "key.txt", "secret")

    assert read_private(tmp_path / "key.txt").notices == ()


def test_a_pipe_is_read_and_not_warned_of() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"secret")
    os.close(writing)

    private = read_private(Path(f"/dev/fd/{reading}"))
    os.close(reading)

    assert (private.text, private.notices) == ("secret", ())


@pytest.mark.parametrize("name", ["none.txt", ""])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoIdentityError, match="cannot read the key file"):
        read_private(tmp_path / name)


def test_a_file_without_an_end_is_not_read_whole() -> None:
    with pytest.raises(BadKeyError, match="too large"):
        read_private(Path("/dev/zero"))


def test_what_is_not_text_is_refused_and_not_shown() -> None:
    content = b"secret\xff"

    with pytest.raises(BadKeyError, match="not text") as caught:
        as_text(content, origin="key file `k`")

    assert str(content) not in all_texts(caught.value)


def test_the_byte_order_mark_of_windows_editors_is_dropped() -> None:
    assert as_text("\ufeffAGE".encode(), origin="k") == "AGE"
