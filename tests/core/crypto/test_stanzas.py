from __future__ import annotations

import pytest

from key_support import sealed_with_passphrase, ssh_ed25519, ssh_rsa
from tgvault.crypto.age import Identity, OpeningFailure, Recipient, UnsealError, seal
from tgvault.crypto.stanzas import content_size, stanza_types

RECIPIENT = Identity.generate().recipient


@pytest.mark.parametrize(
    ("sealed", "kind"),
    [
        (seal(b"x", [RECIPIENT]), "X25519"),
        (seal(b"x", [Recipient(ssh_ed25519()[1])]), "ssh-ed25519"),
        (seal(b"x", [Recipient(ssh_rsa()[1])]), "ssh-rsa"),
        (sealed_with_passphrase(b"x", "pw"), "scrypt"),
    ],
)
def test_the_kind_of_recipient_is_told_without_a_key(sealed: bytes, kind: str) -> None:
    others = [each for each in stanza_types(sealed) if not each.endswith("-grease")]

    assert others == [kind]


def test_all_recipients_are_listed_in_their_order() -> None:
    sealed = seal(b"x", [RECIPIENT, Recipient(ssh_ed25519()[1])])

    assert [each for each in stanza_types(sealed) if "grease" not in each] == ["X25519", "ssh-ed25519"]


def test_every_cut_in_the_header_is_called_a_cut() -> None:
    sealed = seal(b"x", [RECIPIENT])

    failures = {failure_of(sealed[:length]) for length in range(sealed.index(b"\n---"))}

    assert failures == {OpeningFailure.TRUNCATED}


@pytest.mark.parametrize("data", [b"no age file at all", b"age-encryption.org/v2\n-> X25519 a\n---"])
def test_what_is_no_age_file_is_called_altered(data: bytes) -> None:
    assert failure_of(data) is OpeningFailure.ALTERED


def failure_of(sealed: bytes) -> OpeningFailure:
    with pytest.raises(UnsealError) as caught:
        stanza_types(sealed)
    return caught.value.failure


@pytest.mark.parametrize("size", [0, 1, 300, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 200_000])
def test_the_size_of_the_content_is_told_without_a_key(size: int) -> None:
    assert content_size(seal(bytes(size), [Identity.generate().recipient])) == size


def test_a_file_that_ends_before_its_content_has_none() -> None:
    sealed = seal(b"x", [Identity.generate().recipient])

    assert [content_size(sealed[:-cut]) for cut in (1, 17, 33, 34, 60, len(sealed))] == [0] * 6
