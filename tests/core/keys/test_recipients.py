from __future__ import annotations

from pathlib import Path

import pytest

from key_support import all_texts, ssh_ed25519, ssh_rsa
from tgvault.crypto.age import Identity, Recipient
from tgvault.errors import BadKeyError
from tgvault.keys.recipients import read_recipient

ANNA = Identity.generate()


def test_a_public_age_key_is_taken_as_it_is() -> None:
    assert read_recipient(f" {ANNA.recipient.text}\n") == ANNA.recipient


@pytest.mark.parametrize("private_public", [ssh_ed25519, ssh_rsa])
def test_an_ssh_line_is_taken_without_its_comment(private_public) -> None:
    public = private_public()[1]

    assert read_recipient(f"{public} anna@laptop of hers") == Recipient(public)


@pytest.mark.parametrize("before", ["", "# anna's\n\n"])
def test_a_file_that_holds_one_key_is_read(tmp_path: Path, before: str) -> None:
    public = ssh_ed25519()[1]
    (tmp_path / "id.pub").write_text(f"{before}{public} anna@laptop\n")

    assert read_recipient(str(tmp_path / "id.pub")) == Recipient(public)


def test_a_tilde_stands_for_the_home_folder(home: Path) -> None:
    (home / "id.pub").write_text(ANNA.recipient.text)

    assert read_recipient("~/id.pub") == ANNA.recipient


@pytest.mark.parametrize("text", ["age1yubikey1qqqq", "sk-ssh-ed25519@openssh.com AAAA", "ecdsa-sha2-nistp256 AAAA"])
def test_keys_in_hardware_are_refused_by_kind(text: str) -> None:
    with pytest.raises(BadKeyError, match="of a kind that tgvault cannot seal to"):
        read_recipient(text)


@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize("secret", [ANNA.text, ANNA.text.lower(), ssh_ed25519()[0], "AGE-PLUGIN-YUBIKEY-1QQ"])
def test_the_secret_half_is_refused_and_not_shown(tmp_path: Path, secret: str, as_file: bool) -> None:
    (tmp_path / "key").write_text(secret)
    given = str(tmp_path / "key") if as_file else secret

    with pytest.raises(BadKeyError, match="secret half") as caught:
        read_recipient(given)

    assert secret[16:40] not in all_texts(caught.value)
    assert "age-keygen -y" in str(caught.value.hint)


def test_several_keys_at_once_are_refused(tmp_path: Path) -> None:
    (tmp_path / "authorized_keys").write_text(f"{ssh_ed25519()[1]}\n{ssh_rsa()[1]}\n")

    with pytest.raises(BadKeyError, match="holds 2 public keys"):
        read_recipient(str(tmp_path / "authorized_keys"))


@pytest.mark.parametrize("given", ["hello", "", "\0"])
def test_what_is_neither_a_key_nor_a_file_is_refused(given: str) -> None:
    with pytest.raises(BadKeyError, match="neither a public key nor a file") as caught:
        read_recipient(given)

    assert ".pub" in str(caught.value.hint)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe")

    with pytest.raises(BadKeyError):
        read_recipient(str(tmp_path / "x"))
