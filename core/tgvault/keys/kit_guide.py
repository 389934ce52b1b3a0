"""What a recovery kit tells its reader to do, in words and commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tgvault.keys.kit import Kit
from tgvault.vault.slots import slot_object

__all__ = ["WARNING", "Section", "guide"]

#: Stands on top of every kit.
WARNING = (
    "Whoever has this can read everything in the vault.",
    "Keep it apart from the computer: on paper in a safe place, on a stick in a drawer, in a password manager.",
    "If it gets lost, `tgvault key remove NAME` takes its slot away, `tgvault key export --kit FILE` makes a new kit.",
    "Whoever has unlocked the vault with it before that may have kept the vault's own keys.",
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, and lines to type or to put into a file."""

    title: str
    text: tuple[str, ...]
    lines: tuple[str, ...]


def guide(kit: Kit, *, file: str) -> Iterator[Section]:
    """Say how to use a kit whose text form is in a file of that name."""
    name = shlex.quote(file)
    yield Section(
        "With tgvault, where its vault.toml is still there",
        ("The first command proves that the kit opens the vault, the second gives everything back.",),
        (
            f"tgvault --vault vault.toml key verify {name}",
            f"tgvault --vault vault.toml --key-file {name} restore latest --to DIR",
        ),
    )
    yield Section(
        "With tgvault, on a new machine",
        ("Install tgvault, put these lines into a file `vault.toml`, and do as above.",),
        tuple(kit.config.splitlines()),
    )
    yield _without_tgvault(kit, name)


def _without_tgvault(kit: Kit, name: str) -> Section:
    return Section(
        "Without tgvault",
        (
            "All that is needed is age (https://age-encryption.org) and zstd (https://facebook.github.io/zstd).",
            "Copy the vault's objects to a disk, go to the folder that holds `vault.json`, and put the kit there.",
            "The slot holds the vault's own keys; the first of them opens packs and snapshots, the last one indexes.",
            "Delete `bundle.json`, `data.key` and `index.key` when you are done.",
        ),
        (
            "umask 077",
            f"age -d -i {name} {slot_object(kit.slot)} > bundle.json",
            "grep -o 'AGE-SECRET-KEY-1[A-Z0-9]*' bundle.json | head -n 1 > data.key",
            "grep -o 'AGE-SECRET-KEY-1[A-Z0-9]*' bundle.json | tail -n 1 > index.key",
            "for f in snapshots/*.age; do age -d -i data.key $f | zstd -d > $(basename $f .age).txt; done",
            "for f in index/*.age; do age -d -i index.key $f | zstd -d > $(basename $f .age).txt; done",
            "for f in packs/*/*.age; do age -d -i data.key $f | zstd -d > $(basename $f .age).bin; done",
        ),
    )
