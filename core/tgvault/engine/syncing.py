"""Bringing a copy of a vault up to date, without any key: objects never change, and their names tell their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.config.config import PRIMARY
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.copied_header import check_same, header_of, is_sound
from tgvault.engine.progress import Progress
from tgvault.engine.removing import Deleted, remove_deleted
from tgvault.engine.sink_pair import SinkPair
from tgvault.engine.trying import PLACE
from tgvault.errors import (
    MissingObjectError,
    NotAVaultError,
    SinkError,
    SwappedObjectError,
    VaultError,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import check_name, is_named_by_content
from tgvault.vault.elsewhere import read_checked
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.marks import MarkKind
from tgvault.vault.slots import slot_object

__all__ = ["CopyProblem", "SyncReport", "begin_copy", "sync_copy"]

#: Objects under way at most: one after the other, a store far away is waited for more than it is used.
THREADS = 4

#: How often to look at most, where the vault is pruned meanwhile.
_LOOKS = 3

#: In the order of a vault's writer: a copy that is cut off anywhere holds whole snapshots.
_ORDER = ("packs/", "index/", "marks/", "snapshots/")


class CopyProblem(msgspec.Struct, frozen=True):
    """An object that could not be brought."""

    object: Annotated[str, Meta(description="The object's name.")]
    message: Annotated[str, Meta(description="What is wrong.")]


class SyncReport(msgspec.Struct, frozen=True, kw_only=True):
    """What bringing a copy up to date did."""

    copy: Annotated[str, Meta(description="The name of the copy in `vault.toml`.")]
    objects: Annotated[int, Meta(description="Objects that the vault has.")]
    brought: Annotated[int, Meta(description="Objects that were brought to the copy.")]
    bytes: Annotated[int, Meta(description="Their bytes.")]
    removed: Annotated[int, Meta(description="Objects that were removed from the copy: `prune` had deleted them.")]
    others: Annotated[int, Meta(description="Objects that the copy has and the vault has not; they are left alone.")]
    problems: Annotated[list[CopyProblem], Meta(description="Objects that could not be brought.")]


def begin_copy(copy: Sink, *, name: str) -> bool:
    """Make the place of a new copy, or that of the vault itself, which is called `primary`; tells if a vault is there.

    Raises:
        NotAVaultError: there are objects at that place that are no vault's.
    """
    copy.prepare()
    if header_of(copy) is not None:
        return True
    names = sorted(each.name for each in copy.list("") if not is_named_by_content(each.name))
    foreign = [each for each in names if not each.startswith(("keys/", PLACE))]
    if foreign:
        where = "the vault's own place" if name == PRIMARY else f"the place of copy `{name}`"
        raise NotAVaultError(
            f"there is `{foreign[0]}` at {where}, and no vault",
            hint="choose a folder that is empty, or not there yet",
        )
    return False


def sync_copy(
    primary: Callable[[], Sink],
    copy: Callable[[], Sink],
    *,
    name: str,
    is_new: bool,
    progress: Progress,
    keys: KeyBundle | None = None,
    deleted: Deleted | None = None,
) -> SyncReport:
    """Bring what a copy lacks, and check that it arrived. `primary` and `copy` make their sinks anew for each thread.

    An object whose bytes do not fit its name is not brought. What only the copy has stays there. With `is_new` the copy
    may be empty; otherwise there has to be something of this vault, so that a disk that is not mounted is not taken for
    one.

    With the vault's `keys` the list of slots is known to be the vault's own: slots that are not on it any more are
    removed from the copy, too, and so are objects that were `deleted` on purpose, as marks of the vault's own say.

    Raises:
        NotAVaultError: there is no copy of the vault at that place.
        ForgedObjectError: there is another vault at that place, or `vault.json` is not the vault's.
        SinkError: one of the two cannot be read or written.
    """
    with SinkPair(primary, copy) as pair:
        header = read_header(pair.primary)
        if keys is not None:
            header.check(keys)
        before = check_same(header, pair.primary, pair.copy, name=name, is_new=is_new)
        run = _Run(pair, name, progress)
        try:
            run.objects()
            run.keys(header, before, is_checked=keys is not None)
            if keys is not None:
                run.remove(deleted or Deleted(), keys)
        finally:
            progress.done()
        return run.report()


@dataclass(slots=True)
class _Run:
    pair: SinkPair
    name: str
    progress: Progress
    there: dict[str, int] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)
    problems: list[CopyProblem] = field(default_factory=list)
    #: Whether something was gone when it was to be brought, or when it had been.
    lacks: bool = False
    brought: int = 0
    size: int = 0
    removed: int = 0

    def objects(self) -> None:
        """Bring everything that never changes, what is relied on before what relies on it.

        Where the vault is pruned meanwhile, something else has taken the place of what is gone.
        """
        for _ in range(_LOOKS):
            self.problems, self.lacks = [], False
            self._bring_objects()
            if not (self.lacks and self._is_pruned()):
                return

    def _bring_objects(self) -> None:
        self.progress.phase("looking at both")
        self.there = {each.name: each.size for each in self.pair.copy.list("")}
        self.wanted = {}
        # After the copy, and snapshots before what they need: what is written meanwhile must not be half there.
        for prefix in (*reversed(_ORDER), "keys/", HEADER):
            self.wanted |= {each.name: each.size for each in self.pair.primary.list(prefix)}
        for prefix in _ORDER:
            lacking = [name for name in self._lacking() if name.startswith(prefix)]
            if not lacking:
                continue
            self.progress.phase(f"bringing {prefix.rstrip('/')}", sum(self.wanted[name] for name in lacking))
            self._bring_all(lacking)
            self._check_arrived(prefix, lacking)

    def keys(self, header: VaultHeader, before: VaultHeader | None, *, is_checked: bool) -> None:
        """Bring the slots that `vault.json` lists, and then `vault.json`; both change.

        Without keys nobody knows who wrote it: one that cannot have become of the copy's, or whose list is not that of
        the slots, does not take the place of that one.
        """
        if not is_checked and not is_sound(header, before, self.pair.primary):
            damaged = f"`{HEADER}` is damaged, here or in the copy: see `tgvault verify`"
            self.problems.append(CopyProblem(HEADER, damaged))
            return
        slots = [self._bring_slot(slot_object(slot), digest) for slot, digest in header.slots.items()]
        if is_checked or before is None or all(slots):
            self._replace(HEADER, header.to_json())
        if is_checked:
            listed = {slot_object(slot) for slot in header.slots}
            for name in self.there:
                if name.startswith("keys/") and name not in listed:
                    self.pair.copy.delete(ObjectName(name))

    def remove(self, deleted: Deleted, keys: KeyBundle) -> None:
        """Remove what was deleted from the vault on purpose, and marks that were taken back.

        Nothing is removed where something could not be brought: what takes the place of deleted packs may be that.
        """
        if not self.problems:
            self.removed = remove_deleted(self.pair.copy, self.there, self.wanted, deleted=deleted, keys=keys)

    def _bring_slot(self, name: ObjectName, digest: str) -> bool:
        try:
            data = read_checked(self.pair.primary, name, partial(_listed, name, digest))
        except VaultError as error:
            self.problems.append(CopyProblem(name, str(error)))
            return False
        self._replace(name, data)
        return True

    def _replace(self, name: ObjectName, data: bytes) -> None:
        if name not in self.there or self.pair.copy.get(name) != data:
            self.pair.copy.replace(name, data)
            self._count(len(data))

    def report(self) -> SyncReport:
        """Give what was done."""
        ours = {name for name in self.there if is_named_by_content(name)}
        return SyncReport(
            copy=self.name,
            objects=len(self.wanted),
            brought=self.brought,
            bytes=self.size,
            removed=self.removed,
            others=len(ours - self.wanted.keys()) - self.removed,
            problems=sorted(self.problems, key=lambda each: each.object),
        )

    def _lacking(self) -> Iterator[str]:
        for name, size in self.wanted.items():
            if is_named_by_content(name) and self.there.get(name) != size:
                yield name

    def _bring_all(self, names: Sequence[str]) -> None:
        waiting = iter(names)
        under_way: set[Future[int]] = set()
        with ThreadPoolExecutor(THREADS) as threads:
            try:
                while True:
                    for name in _some(waiting, 2 * THREADS - len(under_way)):
                        under_way.add(threads.submit(self._bring, ObjectName(name)))
                    if not under_way:
                        return
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for each in done:
                        self._count(each.result())
            except BaseException:
                threads.shutdown(cancel_futures=True)
                raise

    def _bring(self, name: ObjectName) -> int:
        """Bring one object, in any thread; gives its bytes, 0 where the vault does not have it whole."""
        try:
            data = read_checked(self.pair.primary, name, partial(_named, name))
        except VaultError as error:
            self.problems.append(CopyProblem(name, str(error)))
            self.lacks = self.lacks or isinstance(error, MissingObjectError)
            return 0
        # What is there is not what it should be: a `put` may leave that as it is.
        (self.pair.copy.replace if name in self.there else self.pair.copy.put)(name, data)
        return len(data)

    def _check_arrived(self, prefix: str, names: Iterable[str]) -> None:
        """See that what was brought is there, as the store itself tells it; a promise that was kept costs one list."""
        failed = {each.object for each in self.problems}
        there = {each.name: each.size for each in self.pair.copy.list(prefix)}
        lost = next(
            (each for each in names if each not in failed and there.get(ObjectName(each)) != self.wanted[each]), ""
        )
        if not lost:
            return
        # Who prunes deletes from the copies, too.
        self.lacks = self._is_pruned()
        if not self.lacks:
            raise SinkError(
                f"copy `{self.name}` took `{lost}` and does not have it as it was sent",
                hint="see what is wrong with the store, then run `tgvault sync` again",
            )

    def _is_pruned(self) -> bool:
        """Tell whether somebody has deleted objects of the vault on purpose since they were listed."""
        return any(each.name not in self.wanted for each in self.pair.primary.list(f"marks/{MarkKind.DELETED}-"))

    def _count(self, size: int) -> None:
        if size:
            self.brought += 1
            self.size += size
            self.progress.advance(size, items=1)


def _named(name: ObjectName, data: bytes) -> bytes:
    check_name(name, data)
    return data


def _listed(name: ObjectName, digest: str, data: bytes) -> bytes:
    if hashlib.sha256(data).hexdigest() != digest:
        raise SwappedObjectError(f"`{name}` is not the one that `{HEADER}` lists")
    return data


def _some(names: Iterator[str], number: int) -> Iterator[str]:
    for _, name in zip(range(number), names, strict=False):
        yield name
