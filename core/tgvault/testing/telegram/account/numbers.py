"""Numbers that follow from words: the same in every run and every process."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["number"]


def number(*words: str | int, bits: int = 62) -> int:
    """Give a number of so many bits at most that belongs to the words."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - bits)
