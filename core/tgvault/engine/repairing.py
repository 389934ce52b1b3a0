"""Healing a place of a vault: what it lacks or has damaged is taken from another place that has it whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName, Sink, StoredObject
from tgvault.engine.anywhere import UNUSABLE
from tgvault.errors import ForgedObjectError, MissingObjectError, SinkError, TgVaultError, VaultError
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import check_name, is_bad_sector, is_named_by_content
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.marks import Mark, MarkKind, open_mark
from tgvault.vault.slots import slot_object

__all__ = ["Repair", "repair", "who_lists"]


class Repair(msgspec.Struct, frozen=True):
    """An object that was brought back."""

    object: Annotated[str, Meta(description="The object's name.")]
    copy: Annotated[str, Meta(description="The place that had it whole: a copy's name, or `primary`.")]


def repair(
    target: Sink,
    others: Mapping[str, Callable[[], Sink]],
    damaged: Collection[str],
    keys: KeyBundle,
    *,
    deleted: Collection[str] = (),
    away: Callable[[str, TgVaultError], None],
) -> list[Repair]:
    """Bring back from other places, by name, what a place of the vault lacks, and those of its objects that are
    `damaged`.

    Nothing is believed: an object named by its bytes has to fit its name, `vault.json` has to be authentic, a slot has
    to be the one on its list. What is whole is left alone, and what was `deleted` on purpose. Of marks, none that may
    have been taken back is brought, and none by which something would go that is there. `away` is told of places that
    cannot be read, and of those that nothing gives a credential for.

    Raises:
        SinkError: the target cannot be read or written.
    """
    mine = {each.name: each.size for each in target.list("")}
    done: dict[str, Repair] = {}
    for name, make in others.items():
        for each, data in _readings(make, mine, damaged, {*done, *deleted}, away=partial(away, name)):
            if _bring_back(target, each, data, keys, there=mine):
                done[each] = Repair(each, name)
    return list(done.values())


def who_lists(
    names: Collection[str], others: Mapping[str, Callable[[], Sink]], *, away: Callable[[str, TgVaultError], None]
) -> dict[str, list[str]]:
    """Name, for each of these objects, the places that list it; whether it is whole there is not looked at.

    `away` is told of places that cannot be read.
    """
    found: dict[str, list[str]] = {}
    for name, make in others.items():
        try:
            with closing(make()) as place:
                for each in place.list(""):
                    if each.name in names:
                        found.setdefault(each.name, []).append(name)
        except UNUSABLE as error:
            away(name, error)
    return found


def _readings(
    make: Callable[[], Sink],
    mine: Mapping[ObjectName, int],
    damaged: Collection[str],
    passed: Collection[str],
    *,
    away: Callable[[TgVaultError], None],
) -> Iterator[tuple[ObjectName, bytes]]:
    """Read what a place has that the target has not, or not whole; the header first, which tells about slots."""
    try:
        with closing(make()) as place:
            for each in sorted(place.list(""), key=lambda each: each.name != HEADER):
                if each.name not in passed and (each.name in damaged or _is_lost(each, mine)):
                    with suppress(VaultError):
                        yield each.name, place.get(each.name)
    except UNUSABLE as error:
        away(error)


def _is_lost(theirs: StoredObject, mine: Mapping[ObjectName, int]) -> bool:
    if is_named_by_content(theirs.name):
        return mine.get(theirs.name) != theirs.size
    return theirs.name not in mine and (theirs.name == HEADER or theirs.name.startswith("keys/"))


def _bring_back(target: Sink, name: ObjectName, data: bytes, keys: KeyBundle, *, there: Collection[ObjectName]) -> bool:
    """Put what another place has in place of what the target has, if it is right and the other is not."""
    try:
        _check(name, data, target, keys)
        if name.startswith("marks/") and name not in there:
            _check_mark(open_mark(name, data, keys), there)
    except VaultError:
        return False
    # What needs a thing that is lost is named among the damaged, too, and may be whole itself.
    if _read(target, name) == data:
        return False
    target.replace(name, data)
    return True


def _check_mark(mark: Mark, there: Collection[ObjectName]) -> None:
    """Raises VaultError where a mark that the target lacks had better not be brought back.

    A copy keeps marks that were taken back since, and may have been pruned when it stood in for the vault.
    """
    if mark.kind is MarkKind.FORGET or any(each in there for each in mark.objects):
        raise ForgedObjectError("the mark says more than is wanted here", hint="bring it back by hand if it is right")


def _read(sink: Sink, name: ObjectName) -> bytes | None:
    try:
        return sink.get(name)
    except MissingObjectError:
        return None
    except SinkError as error:
        if not is_bad_sector(error):
            raise
        return None


def _check(name: ObjectName, data: bytes, target: Sink, keys: KeyBundle) -> None:
    """Raises VaultError where the bytes are not those that the vault had under the name."""
    if is_named_by_content(name):
        check_name(name, data)
    elif name == HEADER:
        VaultHeader.parse(data).check(keys)
    else:
        header = read_header(target)
        header.check(keys)
        listed = {slot_object(slot): digest for slot, digest in header.slots.items()}
        if hashlib.sha256(data).hexdigest() != listed.get(name):
            raise ForgedObjectError(f"`{name}` is not the one that `{HEADER}` lists")
