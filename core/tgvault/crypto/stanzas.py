"""What an age file tells without any key: who can open it, and how much is in it."""

from __future__ import annotations

from tgvault.crypto.age import FIRST_LINE, OpeningFailure, UnsealError

__all__ = ["content_size", "stanza_types"]

#: The payload starts with a nonce; then come chunks of 64 KiB at most, with a tag each.
_NONCE = 16
_TAG = 16
_CHUNK = 64 << 10


def stanza_types(sealed: bytes) -> tuple[str, ...]:
    """List the types of the recipient stanzas (`X25519`, `ssh-ed25519`, `scrypt`, …) in their order.

    Stanzas of random types stand among them as grease. See the header format in <https://age-encryption.org/v1>.

    Raises:
        UnsealError: it is no age file, or cut off in its header.
    """
    if not sealed.startswith(FIRST_LINE[: len(sealed)]):
        raise UnsealError(OpeningFailure.ALTERED)
    header, end, _ = sealed.partition(b"\n---")
    if not end:
        raise UnsealError(OpeningFailure.TRUNCATED)
    lines = header.split(b"\n")
    return tuple(line.split(b" ")[1].decode("ascii", errors="replace") for line in lines if line.startswith(b"-> "))


def content_size(sealed: bytes) -> int:
    """Tell how many bytes of content an age file holds, by its size; 0 where it ends before any."""
    payload = sealed.partition(b"\n---")[2].partition(b"\n")[2]
    size = len(payload) - _NONCE
    chunks = -(-size // (_CHUNK + _TAG))
    return max(0, size - chunks * _TAG)
