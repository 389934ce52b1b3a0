"""The public half of an SSH private key file."""

from __future__ import annotations

import base64
import binascii

from tgvault.errors import BadKeyError

__all__ = ["public_line"]

_BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----"
_END = "-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"


def public_line(private: str) -> str:
    """Give the line of the public key file that belongs to a private key in OpenSSH's own format.

    The format (PROTOCOL.key in the sources of OpenSSH) holds the public half in the clear: after the magic bytes come
    three strings (cipher, key derivation, its options), the number of keys in 4 bytes, and the public key as a string.

    Raises:
        BadKeyError: it is a private key in another format (PEM), or not whole.
    """
    body = private.partition(_BEGIN)[2].partition(_END)[0]
    try:
        blob = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if not blob.startswith(_MAGIC):
        raise BadKeyError(
            "the SSH key is in a format that does not tell its public half",
            hint="give the public key file beside it, or rewrite the key with `ssh-keygen -p -f FILE`",
        )
    return _line(_public_blob(blob))


def _public_blob(blob: bytes) -> bytes:
    rest = blob[len(_MAGIC) :]
    for _ in range(3):
        rest = _string(rest)[1]
    return _string(rest[4:])[0]


def _line(public: bytes) -> str:
    kind = _string(public)[0].decode("ascii", errors="replace")
    return f"{kind} {base64.b64encode(public).decode()}"


def _string(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:4], "big")
    return data[4 : 4 + size], data[4 + size :]
