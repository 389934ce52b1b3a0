"""What tests of keys need: SSH keys, and passphrase files that open in no time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import traceback
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tgvault.crypto.age import Identity
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.slot_changes import add_recipient_slot

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def noon() -> datetime:
    return NOON


@cache
def ssh_ed25519() -> tuple[str, str]:
    """A private key file and the line of its public key file."""
    return _ssh(ed25519.Ed25519PrivateKey.generate())


@cache
def ssh_rsa() -> tuple[str, str]:
    return _ssh(rsa.generate_private_key(65537, 2048))


@cache
def pem_rsa() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def vault_for(bundle: KeyBundle, **holders: Identity) -> MemorySink:
    """A vault with a slot for each holder."""
    sink = MemorySink({HEADER: VaultHeader.make(bundle, created=NOON, slots={}).to_json()})
    for name, identity in holders.items():
        add_recipient_slot(sink, name, bundle=bundle, recipient=identity.recipient)
    return sink


def sealed_with_passphrase(plaintext: bytes, passphrase: str, *, log_n: int = 4) -> bytes:
    """Make what `age -p` makes, but with so little work that a test opens it at once (<https://age-encryption.org/v1>)."""
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt" + salt
    wrap = hashlib.scrypt(passphrase.encode(), salt=label, n=1 << log_n, r=8, p=1, dklen=32)
    body = ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)
    stanza = b"-> scrypt %s %d\n%s\n" % (_unpadded(salt), log_n, _unpadded(body))
    header = b"age-encryption.org/v1\n" + stanza + b"---"
    mac = hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")
    payload = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\1", plaintext, None)
    return header + b" " + _unpadded(mac) + b"\n" + nonce + payload


def all_texts(value: object) -> str:
    """Everything that a value shows of itself; of an error also its traceback."""
    texts = [repr(value), str(value), f"{value}"]
    if isinstance(value, BaseException):
        texts += traceback.format_exception(value)
        texts.append(str(getattr(value, "hint", "")))
    return "\n".join(texts)


def _ssh(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> tuple[str, str]:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _unpadded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    extracted = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(extracted, info + b"\1", "sha256")
