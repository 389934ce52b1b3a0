"""What an age file tells about its recipients without any key."""

from __future__ import annotations

from tgvault.crypto.age import FIRST_LINE, OpeningFailure, UnsealError

__all__ = ["stanza_types"]


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
