"""Lists and chats of which a part cannot be read: what is good of them, filled up from their earlier states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from tgvault.archive.cuts import Cuts, Key
from tgvault.archive.entries import ChatEntry, Past, entry_line, entry_lines, parse_history
from tgvault.archive.grouping import number_of
from tgvault.archive.lists import BlobSource, BlobStore, Line, Ref, build, cut, leaves, less, read_leaf, update
from tgvault.archive.readable import Lost, OnLoss, readable
from tgvault.archive.segments import parse_segment
from tgvault.vault.manifests import Node

__all__ = ["mend_chat", "mend_list"]

#: Splits a leaf into its lines; the reference says where in the list it stands.
Parse = Callable[[Ref, bytes], Iterable[Line]]


def mend_list(
    states: Sequence[Node | None], *, parse: Parse, source: BlobSource, store: BlobStore, cuts: Cuts, lost: OnLoss
) -> Node | None:
    """Give the first state of a list, without the parts that cannot be read: there stands what the next state has.

    `lost` is told of every part of the first state that cannot be read. Memory does not grow with the list.
    """
    return build(cut(_lines(states, parse, source, lost, None), store, cuts), store, cuts)


def mend_chat(
    states: Sequence[ChatEntry],
    *,
    source: BlobSource,
    store: BlobStore,
    segment_cuts: Cuts,
    row_cuts: Cuts,
    lost: OnLoss,
    lost_past: OnLoss,
) -> ChatEntry:
    """Do the same with the messages and the history of a chat, whose newest state comes first.

    `lost` is told of messages, `lost_past` of rows of the history. A message that is marked gone is not there as well,
    whatever states its line and its mark come from.
    """
    entry = states[0]
    states = [each for each in states if each.keyed == entry.keyed]
    gaps: list[Lost] = []
    past_gaps: list[Lost] = []
    positions = entry.keyed == "position"
    lines = _lines([each.messages for each in states], _by_place if positions else _by_id, source, gaps.append, None)
    if positions:
        # Where a part is lost for good, those behind it move up: a position is nothing but a count.
        lines = (Line(number, line.data) for number, line in enumerate(lines, start=1))
    messages = build(cut(lines, store, segment_cuts), store, segment_cuts)
    history = mend_list(
        [each.history for each in states], parse=_rows, source=source, store=store, cuts=row_cuts, lost=past_gaps.append
    )
    both = _Both(messages, history, source, store, segment_cuts, row_cuts)
    for gap in gaps:
        lost(gap)
        both.trust_history(gap)
    for gap in past_gaps:
        lost_past(gap)
        both.trust_messages(gap)
    return msgspec.structs.replace(entry, messages=both.messages, history=both.history, gone=both.gone())


def _lines(
    states: Sequence[Node | None], parse: Parse, source: BlobSource, lost: OnLoss, between: tuple[Key, Key] | None
) -> Iterator[Line]:
    if not states:
        return
    gaps: list[Lost] = []
    for ref, content in readable(states[0], source, lost=gaps.append, between=between):
        yield from _filled(gaps, states[1:], parse, source, lost, between)
        yield from (line for line in parse(ref, content) if _is_within(line.key, between))
    yield from _filled(gaps, states[1:], parse, source, lost, between)


def _filled(
    gaps: list[Lost],
    states: Sequence[Node | None],
    parse: Parse,
    source: BlobSource,
    lost: OnLoss,
    between: tuple[Key, Key] | None,
) -> Iterator[Line]:
    """Give the lines that earlier states have where a part is lost."""
    while gaps:
        gap = gaps.pop(0)
        lost(gap)
        first, last = between or (gap.first, gap.last)
        inner = (gap.first if less(first, gap.first) else first, last if less(last, gap.last) else gap.last)
        yield from _lines(states, parse, source, _nothing, inner)


def _is_within(key: Key, between: tuple[Key, Key] | None) -> bool:
    return between is None or not (less(key, between[0]) or less(between[1], key))


def _nothing(_: Lost) -> None:
    """Tell nobody: the part of the newest state was told of already."""


def _by_id(_: Ref, content: bytes) -> Iterator[Line]:
    return parse_segment(content)


def _by_place(ref: Ref, content: bytes) -> Iterator[Line]:
    return parse_segment(content, first=number_of(ref.first))


def _rows(_: Ref, content: bytes) -> Iterator[Line]:
    return entry_lines(parse_history(content))


class _Both:
    """The messages and the history of a chat, each of which may say of an id what the other denies."""

    def __init__(
        self,
        messages: Node | None,
        history: Node | None,
        source: BlobSource,
        store: BlobStore,
        segment_cuts: Cuts,
        row_cuts: Cuts,
    ) -> None:
        self.messages = messages
        self.history = history
        self._source = source
        self._store = store
        self._segment_cuts = segment_cuts
        self._row_cuts = row_cuts

    def trust_history(self, gap: Lost) -> None:
        """Take messages away that came from an earlier state and are marked gone since."""
        changes: dict[Key, bytes | None] = {past.id: None for past in self._there_and_gone(gap)}
        self.messages = update(
            self.messages,
            changes,
            parse=parse_segment,
            source=self._source,
            store=self._store,
            cuts=self._segment_cuts,
        )

    def trust_messages(self, gap: Lost) -> None:
        """Take marks away that came from an earlier state, from messages that are back since."""
        changes: dict[Key, bytes | None] = {
            past.id: entry_line(Past(past.id, None, past.versions)).data for past in self._there_and_gone(gap)
        }
        self.history = update(
            self.history,
            changes,
            parse=lambda content: entry_lines(parse_history(content)),
            source=self._source,
            store=self._store,
            cuts=self._row_cuts,
        )

    def gone(self) -> int:
        """Count the messages that are marked gone."""
        return sum(1 for _ in self._gone(None))

    def _there_and_gone(self, gap: Lost) -> list[Past]:
        gone = list(self._gone(gap))
        live = self._live(gap) if gone else set()
        return [past for past in gone if past.id in live]

    def _live(self, gap: Lost) -> set[int]:
        refs = leaves(self.messages, self._source, first=gap.first, last=gap.last)
        return {number_of(line.key) for ref in refs for line in parse_segment(read_leaf(ref, self._source))}

    def _gone(self, gap: Lost | None) -> Iterator[Past]:
        first, last = (gap.first, gap.last) if gap is not None else (None, None)
        for ref in leaves(self.history, self._source, first=first, last=last):
            yield from (past for past in parse_history(read_leaf(ref, self._source)) if past.gone is not None)
