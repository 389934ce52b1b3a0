"""Damage to a vault, done through its sink so that it works on every store."""

from __future__ import annotations

from tgvault.contracts.sink import ObjectName, Sink

__all__ = ["flip_byte", "names", "swap", "truncate"]


def names(sink: Sink, prefix: str = "") -> list[ObjectName]:
    """Names of the objects that start with prefix, sorted."""
    return sorted(each.name for each in sink.list(prefix))


def flip_byte(sink: Sink, name: ObjectName, *, at: int = -1) -> None:
    """Turn all bits of the byte at that place (of the last one, unless told)."""
    data = bytearray(sink.get(name))
    data[at] ^= 0xFF
    sink.replace(name, bytes(data))


def truncate(sink: Sink, name: ObjectName, *, keep: int | None = None) -> None:
    """Leave only the first `keep` bytes (half of them, unless told)."""
    data = sink.get(name)
    sink.replace(name, data[: len(data) // 2 if keep is None else keep])


def swap(sink: Sink, name: ObjectName, other: ObjectName) -> None:
    """Give two objects each other's bytes."""
    first, second = sink.get(name), sink.get(other)
    sink.replace(name, second)
    sink.replace(other, first)
