from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from key_support import NOON, ssh_ed25519
from tgvault.crypto.age import Identity
from tgvault.errors import BadKeyError, NoIdentityError, UsageError
from tgvault.keys.identity_file import identity_text, read_or_make_identity
from tgvault.keys.key_file import parse_keys

ANNA = Identity.generate()


@pytest.mark.parametrize("identity", [ANNA, Identity(ssh_ed25519()[0])])
def test_an_identity_is_written_as_age_writes_it(identity: Identity) -> None:
    text = identity_text(identity, what_for="opens\nvault", created=NOON)

    (read,) = parse_keys(text.encode(), origin="k").identities

    assert text.startswith("# created: 2026-11-23T12:00:00Z\n# public key: ")
    assert "# opens vault\n" in text
    assert read.recipient == identity.recipient


def test_a_key_file_that_is_missing_is_made_and_used_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"

    made, _ = read_or_make_identity(path, what_for="opens vaults", created=NOON)
    read, notices = read_or_make_identity(path, what_for="opens vaults", created=NOON)

    public = subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True)
    assert made == read
    assert notices == ()
    assert path.stat().st_mode & 0o777 == 0o600
    assert public.stdout.strip() == made.recipient.text


def test_a_key_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text(ANNA.text)
    path.chmod(0o644)

    identity, notices = read_or_make_identity(path, what_for="", created=NOON)

    assert identity == ANNA
    assert "chmod 600" in notices[0]


def test_something_else_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "text").write_text("hello")

    for name, kind in (("link", NoIdentityError), ("text", BadKeyError), (".", NoIdentityError)):
        with pytest.raises(kind):
            read_or_make_identity(tmp_path / name, what_for="", created=NOON)

    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        read_or_make_identity(tmp_path / "none" / "key.txt", what_for="", created=NOON)
