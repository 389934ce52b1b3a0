"""Sorted lists of lines, cut into blobs and pages so that a change of a line changes one blob on each level."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import msgspec

from tgvault.archive.cuts import MAX_LEAF, MAX_PAGE, Cuts, Key
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError
from tgvault.vault.manifests import Node

__all__ = [
    "BlobSource",
    "BlobStore",
    "Line",
    "Ref",
    "Splice",
    "build",
    "cut",
    "leaves",
    "less",
    "read_leaf",
    "read_page",
    "regions",
    "sort_key",
    "store_leaf",
    "update",
]


class BlobSource(Protocol):
    """Gives the checked content of blobs."""

    def load(self, blob: BlobId) -> bytes:
        """Give a blob's content."""


class BlobStore(Protocol):
    """Takes new blobs."""

    def store(self, content: bytes) -> BlobId:
        """Store content unless the vault has it, and name it."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """A key and the bytes that stand for it: one line or several, each with its line feed."""

    key: Key
    data: bytes


class Ref(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A blob of a list: its first and last key, how many keys it has, and its id in hexadecimal."""

    first: Key
    last: Key
    count: int
    blob: str


_REF = msgspec.json.Decoder(Ref)


def cut(lines: Iterable[Line], store: BlobStore, cuts: Cuts) -> Iterator[Ref]:
    """Cut lines, in the order of their keys, into leaves and store them."""
    leaf: list[Line] = []
    size = 0
    for line in lines:
        if leaf and (size + len(line.data) > MAX_LEAF or cuts.before(line.key)):
            yield store_leaf(leaf, store)
            leaf, size = [], 0
        leaf.append(line)
        size += len(line.data)
    if leaf:
        yield store_leaf(leaf, store)


def store_leaf(leaf: list[Line], store: BlobStore) -> Ref:
    """Store lines as one leaf."""
    blob = store.store(b"".join([line.data for line in leaf]))
    return Ref(leaf[0].key, leaf[-1].key, len(leaf), blob.hex())


def build(refs: Iterable[Ref], store: BlobStore, cuts: Cuts) -> Node | None:
    """Build the pages over leaves, up to one root."""
    level, row = 0, list(refs)
    if not row:
        return None
    while len(row) > 1:
        level += 1
        row = list(_pages(row, level, store, cuts))
    root = row[0]
    return Node(root.blob, level, root.count, root.first, root.last)


def _pages(row: list[Ref], level: int, store: BlobStore, cuts: Cuts) -> Iterator[Ref]:
    page: list[Ref] = []
    for ref in row:
        # At least two references a page: every level gets shorter, whatever the keys are.
        if len(page) > 1 and (len(page) == MAX_PAGE or cuts.page_before(ref.first, level)):
            yield _store_page(page, store)
            page = []
        page.append(ref)
    yield _store_page(page, store)


def _store_page(page: list[Ref], store: BlobStore) -> Ref:
    blob = store.store(b"".join(msgspec.json.encode(ref) + b"\n" for ref in page))
    return Ref(page[0].first, page[-1].last, sum(ref.count for ref in page), blob.hex())


def leaves(
    node: Node | None, source: BlobSource, *, first: Key | None = None, last: Key | None = None
) -> Iterator[Ref]:
    """Give the leaves of a list in order, only those that may hold keys from first to last (both included)."""
    if node is not None:
        yield from _below(Ref(node.first, node.last, node.count, node.blob), node.level, source, first, last)


def _below(ref: Ref, level: int, source: BlobSource, first: Key | None, last: Key | None) -> Iterator[Ref]:
    if (first is not None and less(ref.last, first)) or (last is not None and less(last, ref.first)):
        return
    if level == 0:
        yield ref
        return
    for below in read_page(ref, source):
        yield from _below(below, level - 1, source, first, last)


def read_page(page: Ref, source: BlobSource) -> list[Ref]:
    """Read a page's references.

    Raises:
        CorruptObjectError: the blob is not a page.
    """
    try:
        return [_REF.decode(line) for line in read_leaf(page, source).splitlines()]
    except msgspec.MsgspecError:
        raise CorruptObjectError(f"the page `{page.blob[:16]}…` cannot be read") from None


def read_leaf(leaf: Ref, source: BlobSource) -> bytes:
    """Read a leaf's lines."""
    return source.load(BlobId(bytes.fromhex(leaf.blob)))


def less(one: Key, other: Key) -> bool:
    """Compare two keys of one list."""
    if isinstance(one, int) and isinstance(other, int):
        return one < other
    return str(one) < str(other)


def regions(refs: Iterable[Ref], cuts: Cuts) -> Iterator[list[Ref]]:
    """Gather the leaves that stand between two cuts by key; there are several where a size limit cut as well."""
    region: list[Ref] = []
    for ref in refs:
        if region and cuts.before(ref.first):
            yield region
            region = []
        region.append(ref)
    if region:
        yield region


def update(
    node: Node | None,
    changes: Mapping[Key, bytes | None],
    *,
    parse: Callable[[bytes], Iterable[Line]],
    source: BlobSource,
    store: BlobStore,
    cuts: Cuts,
) -> Node | None:
    """Put lines in place of others in a sorted list, add new ones, and take away those given as None.

    Only the leaves that hold changed keys are read. `parse` splits a leaf into its lines.
    """
    if not changes:
        return node
    splice = Splice(source=source, store=store, cuts=cuts, parse=parse)
    pending = deque(sorted(changes, key=sort_key))
    rows = list(regions(leaves(node, source), cuts))
    for number, region in enumerate(rows):
        end = rows[number + 1][0].first if number + 1 < len(rows) else None
        mine = list(_take(pending, end))
        if not mine:
            splice.keep(region)
        else:
            splice.replace(_changed(splice.lines(region), {key: changes[key] for key in mine}))
    splice.replace(_changed([], {key: changes[key] for key in pending}))
    return build(splice.refs(), store, cuts)


def sort_key(key: Key) -> tuple[int, str]:
    """Order keys: numbers by value, texts by code points."""
    return (key, "") if isinstance(key, int) else (0, key)


def _take(pending: deque[Key], end: Key | None) -> Iterator[Key]:
    while pending and (end is None or less(pending[0], end)):
        yield pending.popleft()


def _changed(lines: Iterable[Line], changes: Mapping[Key, bytes | None]) -> list[Line]:
    by_key = {line.key: line.data for line in lines}
    for key, data in changes.items():
        if data is None:
            by_key.pop(key, None)
        else:
            by_key[key] = data
    return [Line(key, by_key[key]) for key in sorted(by_key, key=sort_key)]


class Splice:
    """Writes a list anew out of regions that stay and lines that are new, and keeps the cuts where they belong.

    Regions and lines are given in ascending order.
    """

    def __init__(
        self, *, source: BlobSource, store: BlobStore, cuts: Cuts, parse: Callable[[bytes], Iterable[Line]]
    ) -> None:
        self._source = source
        self._store = store
        self._cuts = cuts
        self._parse = parse
        self._done: list[Ref] = []
        #: How many references at the end of `_done` are a region that was kept as it stands.
        self._kept = 0
        self._open: list[Line] = []

    def lines(self, region: Iterable[Ref]) -> list[Line]:
        """Read the lines of leaves."""
        return [line for ref in region for line in self._parse(read_leaf(ref, self._source))]

    def keep(self, region: list[Ref]) -> None:
        """Take over leaves as they stand."""
        if self._starts_a_leaf(region[0].first):
            self._close()
            self._done.extend(region)
            self._kept = len(region)
        else:
            self.replace(self.lines(region))

    def replace(self, lines: list[Line]) -> None:
        """Put lines here."""
        if not lines:
            return
        if self._starts_a_leaf(lines[0].key):
            self._close()
        elif not self._open:
            # The cut before these lines is gone: the region in front of them goes on into them.
            region = self._done[-self._kept :]
            del self._done[-self._kept :]
            self._open = self.lines(region)
        self._open.extend(lines)
        self._kept = 0

    def refs(self) -> list[Ref]:
        """Give the leaves of the new list."""
        self._close()
        return self._done

    def _starts_a_leaf(self, key: Key) -> bool:
        return self._cuts.before(key) or not (self._open or self._done)

    def _close(self) -> None:
        self._done.extend(cut(self._open, self._store, self._cuts))
        self._open = []
