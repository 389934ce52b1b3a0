"""What a run takes over from the snapshots that it continues, as far as they can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from tgvault.archive.cuts import Cuts
from tgvault.archive.entries import (
    ChatEntry,
    DocumentEntry,
    LayoutChat,
    entry_lines,
    parse_chats,
    parse_documents,
)
from tgvault.archive.layout import read_layout
from tgvault.archive.lists import leaves, read_leaf
from tgvault.archive.mending import mend_chat, mend_list
from tgvault.archive.merging import Observation
from tgvault.archive.readable import Lost, readable
from tgvault.errors import VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.model.records import ChatKey
from tgvault.vault.manifests import Manifest, Node
from tgvault.vault.opened import Snapshot
from tgvault.vault.writer import TextStore

__all__ = ["Inheritance"]

_Done = TypeVar("_Done")
_Entry = TypeVar("_Entry", ChatEntry, DocumentEntry)


class Inheritance:
    """Reads the snapshots of an archive that a run makes a new one from; `line` has them and all before, newest first.

    What cannot be read is a finding, and is taken over as the newest snapshot has it in which it can be. What stands in
    the source as well is not lost by that; so a run goes on whatever has happened to the vault.
    """

    def __init__(
        self, line: Sequence[Snapshot], store: TextStore, findings: Findings, *, segment_cuts: Cuts, row_cuts: Cuts
    ) -> None:
        self._line = line
        self._store = store
        self._findings = findings
        self._segment_cuts = segment_cuts
        self._row_cuts = row_cuts
        self._layouts: dict[ChatKey, LayoutChat] | None = None

    def chats(self, manifest: Manifest) -> tuple[Node | None, list[ChatEntry]]:
        """Give a list of a snapshot's chats of which every part can be read, and what is in it."""
        return self._whole("chats", manifest, lambda each: each.chats, parse_chats)

    def documents(self, manifest: Manifest) -> tuple[Node | None, list[DocumentEntry]]:
        """Give a list of a snapshot's documents of which every part can be read, and what is in it."""
        return self._whole("documents", manifest, lambda each: each.documents, parse_documents)

    def on_sound(
        self, work: Callable[[Sequence[ChatEntry]], _Done], *entries: ChatEntry
    ) -> tuple[_Done, tuple[ChatEntry, ...]]:
        """Do something with chats; where they cannot be read, with what is left of them. Gives these chats as well.

        Raises:
            VaultError: something else cannot be read.
        """
        try:
            return work(entries), entries
        except VaultError:
            mended = tuple(self._mended(entry) for entry in entries)
            if all(one is other for one, other in zip(mended, entries, strict=True)):
                raise
            return work(mended), mended

    def last_observation(self, key: ChatKey) -> Observation | None:
        """Give what the newest snapshot's source said of a chat; None where that cannot be told."""
        if not self._line:
            return None
        manifest = self._line[0].manifest
        try:
            if self._layouts is None:
                self._layouts = {}
                rows = read_layout(manifest.layout, self._store)
                self._layouts = {row.key: row for row in rows if isinstance(row, LayoutChat)}
            last = self._layouts.get(key)
            if last is None or last.keyed != "id":
                return None
            return Observation(list(leaves(last.messages, self._store)), manifest.source.observed_at)
        except VaultError:
            # It only spares work.
            return None

    def _mended(self, entry: ChatEntry) -> ChatEntry:
        lost: list[Lost] = []
        after = mend_chat(
            [entry, *self._earlier(entry)],
            source=self._store,
            store=self._store,
            segment_cuts=self._segment_cuts,
            row_cuts=self._row_cuts,
            lost=lost.append,
            lost_past=lost.append,
        )
        if lost and after != entry:
            # Where earlier states have had all of it, the same lists came out, and nothing is lost.
            subject = f"history of chat {entry.title or entry.key} before this run"
            detail = f"some of what snapshot {self._line[0].id} has of it cannot be read: {lost[0].error}"
            self._findings.add(Finding(FindingKind.LOST, subject, detail))
        return after if lost else entry

    def _whole(
        self,
        what: str,
        manifest: Manifest,
        node_of: Callable[[Manifest], Node | None],
        parse: Callable[[bytes], Iterator[_Entry]],
    ) -> tuple[Node | None, list[_Entry]]:
        node = node_of(manifest)
        try:
            return node, self._read(node, parse)
        except VaultError:
            lost: list[Lost] = []
            states: list[Manifest] = [each.manifest for each in self._line]
            mended = mend_list(
                [node, *(node_of(each) for each in states if each.sequence < manifest.sequence)],
                parse=lambda _, content: entry_lines(parse(content)),
                source=self._store,
                store=self._store,
                cuts=self._row_cuts,
                lost=lost.append,
            )
        for each in lost if mended != node else ():
            self._tell(what, manifest, each)
        return mended, self._read(mended, parse)

    def _read(self, node: Node | None, parse: Callable[[bytes], Iterator[_Entry]]) -> list[_Entry]:
        return [entry for leaf in leaves(node, self._store) for entry in parse(read_leaf(leaf, self._store))]

    def _tell(self, what: str, manifest: Manifest, lost: Lost) -> None:
        snapshot = next(each.id for each in self._line if each.manifest is manifest)
        keys = str(lost.first) if lost.first == lost.last else f"{lost.first} to {lost.last}"
        detail = f"what snapshot {snapshot} has of them cannot be read: {lost.error}"
        self._findings.add(Finding(FindingKind.LOST, f"history of {what} {keys} before this run", detail))

    def _earlier(self, entry: ChatEntry) -> Iterator[ChatEntry]:
        """Give the earlier states of a chat, newest first, of the snapshots in which it can be found."""
        last = entry
        for snapshot in self._line:
            nodes = readable(snapshot.manifest.chats, self._store, lost=lambda _: None, between=(entry.key, entry.key))
            for _, content in nodes:
                for each in parse_chats(content):
                    if each.key == entry.key and each != last:
                        last = each
                        yield each
