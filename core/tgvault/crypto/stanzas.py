"""What an age file tells about its recipients without any key."""

from __future__ import annotations

from tgvault.crypto.age import OpeningFailure, UnsealError

__all__ = ["stanza_types"]

_FIRST_LINE = b"age-encryption.org/v1"


def stanza_types(sealed: bytes) -> tuple[str, ...]:
    """List the types of the recipient stanzas (`X25519`, `ssh-ed25519`, `scrypt`, …) in their order.

    Stanzas of random types stand among them as grease. See the header format in <https://age-encryption.org/v1>.

    Raises:
        UnsealError: it is no age file, or cut off in its header.
    """
    header, end, _ = sealed.partition(b"\n---")
    lines = header.split(b"\n")
    if lines[0] != _FIRST_LINE:
        raise UnsealError(_cut_or_altered(sealed))
    if not end:
        raise UnsealError(OpeningFailure.TRUNCATED)
    return tuple(line.split(b" ")[1].decode("ascii", errors="replace") for line in lines if line.startswith(b"-> "))


def _cut_or_altered(sealed: bytes) -> OpeningFailure:
    if len(sealed) <= len(_FIRST_LINE) and _FIRST_LINE.startswith(sealed):
        return OpeningFailure.TRUNCATED
    return OpeningFailure.ALTERED
