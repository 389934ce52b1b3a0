from __future__ import annotations

import base64

import pytest

from key_support import pem_rsa, ssh_ed25519, ssh_rsa
from tgvault.crypto.age import Recipient
from tgvault.crypto.sshkey import public_line
from tgvault.errors import BadKeyError


@pytest.mark.parametrize("private_public", [ssh_ed25519, ssh_rsa])
def test_the_public_line_is_that_of_the_public_key_file(private_public) -> None:
    private, public = private_public()

    assert public_line(private) == public


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AGE-SECRET-KEY-1",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n\u00e9\u00e9\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAA\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
    ],
)
def test_another_format_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(BadKeyError, match="does not tell its public half") as caught:
        public_line(text)

    assert "public key file" in str(caught.value.hint)


def test_pem_is_another_format() -> None:
    with pytest.raises(BadKeyError):
        public_line(pem_rsa())


def test_a_key_that_is_cut_off_gives_nothing_that_could_be_sealed_to() -> None:
    body = base64.b64encode(b"openssh-key-v1\0" + b"\0\0\0\xffnone").decode()

    line = public_line(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----")

    with pytest.raises(BadKeyError):
        Recipient(line)
