"""Healing a vault from its copies: what it lacks or has damaged is taken from one that has it whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.syncing import is_named_by_content
from tgvault.errors import CredentialError, ForgedObjectError, SinkError, SinkUnavailableError, VaultError
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import check_name
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.slots import slot_object

__all__ = ["Repair", "repair"]


class Repair(msgspec.Struct, frozen=True):
    """An object that was brought back."""

    object: Annotated[str, Meta(description="The object's name.")]
    copy: Annotated[str, Meta(description="The copy that had it whole.")]


def repair(
    primary: Sink,
    copies: Mapping[str, Callable[[], Sink]],
    damaged: Collection[str],
    keys: KeyBundle,
    *,
    away: Callable[[str, SinkError], None],
) -> list[Repair]:
    """Bring back from copies, by name, what the vault lacks, and those of its objects that are `damaged`.

    Nothing is believed: an object named by its bytes has to fit its name, `vault.json` has to be authentic, a slot has
    to be the one on its list. `away` is told of copies that cannot be reached, and of those that nothing gives a
    credential for.

    Raises:
        SinkError: the vault's own sink cannot be written.
    """
    done: list[Repair] = []
    for name, make in copies.items():
        try:
            with closing(make()) as copy:
                lacking = list(_lacking(primary, copy, damaged, {each.object for each in done}))
                done += [Repair(each, name) for each in lacking if _bring_back(primary, copy, each, keys)]
        except (CredentialError, SinkUnavailableError) as error:
            away(name, error)
    return done


def _lacking(primary: Sink, copy: Sink, damaged: Collection[str], done: Collection[str]) -> Iterator[ObjectName]:
    """Name what a copy has that the vault has not, or not whole; the header first, which tells about slots."""
    mine = {each.name: each.size for each in primary.list("")}
    theirs = sorted(copy.list(""), key=lambda each: each.name != HEADER)
    for each in theirs:
        lost = is_named_by_content(each.name) and mine.get(each.name) != each.size
        gone = each.name not in mine and (each.name == HEADER or each.name.startswith("keys/"))
        if (lost or gone or each.name in damaged) and each.name not in done:
            yield each.name


def _bring_back(primary: Sink, copy: Sink, name: ObjectName, keys: KeyBundle) -> bool:
    with suppress(VaultError):
        data = copy.get(name)
        _check(name, data, primary, keys)
        primary.replace(name, data)
        return True
    return False


def _check(name: ObjectName, data: bytes, primary: Sink, keys: KeyBundle) -> None:
    """Raises VaultError where the bytes are not those that the vault had under the name."""
    if is_named_by_content(name):
        check_name(name, data)
    elif name == HEADER:
        VaultHeader.parse(data).check(keys)
    else:
        header = read_header(primary)
        header.check(keys)
        listed = {slot_object(slot): digest for slot, digest in header.slots.items()}
        if hashlib.sha256(data).hexdigest() != listed.get(name):
            raise ForgedObjectError(f"`{name}` is not the one that `{HEADER}` lists")
