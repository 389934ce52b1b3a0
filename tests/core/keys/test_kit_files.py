from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from key_support import NOON
from tgvault.crypto.age import Identity
from tgvault.errors import BadKeyError, NoIdentityError, UsageError
from tgvault.keys.key_file import read_key_file
from tgvault.keys.kit import Kit
from tgvault.keys.kit_files import KitFiles, kit_files, read_kit, write_kit

KIT = Kit(Identity.generate(), "0" * 32, "0123-4567-89AB-CDEF", "recovery", "folder /mnt", NOON, "[sink]")


def test_a_kit_is_two_files_for_the_owner_alone(tmp_path: Path) -> None:
    files = write_kit(KIT, tmp_path / "KIT.txt")

    assert files == KitFiles(tmp_path / "KIT.txt", tmp_path / "KIT.html")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert read_kit(files.text) == replace(KIT, config="")
    assert read_key_file(files.text).identities == (KIT.identity,)


@pytest.mark.parametrize(("given", "text"), [("k.txt", "k.txt"), ("k.html", "k.txt"), ("k.HTM", "k.txt"), ("k", "k")])
def test_the_two_forms_never_have_one_name(given: str, text: str) -> None:
    files = kit_files(Path(given))

    assert files == KitFiles(Path(text), Path("k.html"))


@pytest.mark.parametrize("name", ["KIT.txt", "KIT.html"])
def test_a_kit_is_never_written_over_another_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")

    with pytest.raises(UsageError, match=name):
        write_kit(KIT, tmp_path / "KIT.txt")

    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_kit_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KitFiles, "check_free", lambda _: None)
    (tmp_path / "KIT.html").write_text("came in between")

    with pytest.raises(UsageError, match=r"KIT\.html"):
        write_kit(KIT, tmp_path / "KIT.txt")

    assert [path.name for path in tmp_path.iterdir()] == ["KIT.html"]


def test_a_file_that_is_no_kit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(KIT.identity.text)

    with pytest.raises(BadKeyError):
        read_kit(tmp_path / "key.txt")
    with pytest.raises(NoIdentityError):
        read_kit(tmp_path / "none.txt")
