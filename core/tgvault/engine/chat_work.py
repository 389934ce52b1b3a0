"""A chat whose messages are being read: its parts are taken in one after another, and none is held longer than that."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain, pairwise

from tgvault.archive.cuts import Cuts
from tgvault.archive.lists import Line, Ref, read_leaf
from tgvault.archive.segments import parse_segment
from tgvault.contracts.source import Source
from tgvault.engine.collecting import Collector
from tgvault.engine.context import read_spans
from tgvault.engine.irregular import IrregularChat
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.engine.reading import Reader
from tgvault.engine.soundness import lost, unsound_in_full
from tgvault.engine.span_queue import SpanQueue
from tgvault.engine.tasks import SpanDone, SpanTask
from tgvault.model.findings import Finding, FindingKind
from tgvault.model.records import Chat, Coverage, Message, Removed, Span
from tgvault.vault.opened import Vault
from tgvault.vault.writer import TextStore

__all__ = ["ChatWork", "GatheredChat", "Workshop"]

#: Messages that a source yields one by one are cut in batches of this many.
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class GatheredChat:
    """A chat whose messages are in segments: by id, or in the source's order where the ids do not ascend.

    `removed` are ids that the source knows to be gone, `dropped` those that were not kept.
    Of a chat that is not regular `rounds` are the messages sorted by id: the last word on each, then those before it;
    None where there are messages without an id.
    """

    chat: Chat
    refs: Sequence[Ref]
    covered: tuple[tuple[int, int], ...] = ()
    dropped: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    regular: bool = True
    rounds: tuple[Sequence[Ref], ...] | None = ()


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the chats of a run are read with."""

    source: Source
    reader: Reader
    vault: Vault
    store: TextStore
    cuts: Cuts
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Part:
    """What is to be read of a span, or has been read of messages at hand; `done` is None where nobody reads ahead."""

    origin: tuple[Span, ...] | list[Message | Finding]
    done: Future[SpanDone] | None

    @property
    def weight(self) -> int:
        return sum(span.weight for span in self.origin) if isinstance(self.origin, tuple) else 0


class ChatWork:
    """Reads one chat. As soon as ids do not ascend, or there are none, everything goes through a sorting table."""

    def __init__(self, chat: Chat, number: int, shop: Workshop) -> None:
        self.chat = chat
        self._number = number
        self._shop = shop
        self._batch: list[Message | Finding] = []
        self._spans = SpanQueue(shop.cuts)
        self._parts: deque[_Part] = deque()
        self._covered: list[tuple[int, int]] = []
        self._removed: set[int] = set()
        self._collector = Collector(shop.store, shop.cuts)
        self._sorting: IrregularChat | None = None
        self._sum = SpanDone()
        self._weight = 0
        self._is_whole = True

    def lose(self, found: Finding) -> None:
        """Take note of what the source found between the records of the chat."""
        self._is_whole = self._is_whole and found.kind is not FindingKind.LOST

    @property
    def under_way(self) -> int:
        """Number of parts that are not taken in yet."""
        return len(self._parts)

    @property
    def is_waiting(self) -> bool:
        """Whether the first part is still being read somewhere."""
        return bool(self._parts) and self._parts[0].done is not None and not self._parts[0].done.done()

    def add(self, record: Span | Message | Coverage | Removed, pool: Pool) -> None:
        """Take a record of the chat."""
        match record:
            case Span():
                self._cut_batch()
                for spans, whole in self._spans.add(record):
                    self._read(spans, whole, pool)
            case Message():
                self._end_spans(pool)
                self._take(record)
                if len(self._batch) >= BATCH:
                    self._cut_batch()
            case Coverage():
                self._covered.append((record.first, record.last))
            case Removed():
                self._removed.update(record.ids)

    def end(self, pool: Pool) -> None:
        """Take note that the source has given all records of the chat."""
        self._end_spans(pool, is_last=True)
        self._cut_batch()

    def take_first(self) -> None:
        """Wait for the first part that is under way, and take it in."""
        part = self._parts.popleft()
        done = part.done.result() if part.done is not None else None
        if done is not None and self._sorting is None and done.has_ids and self._collector.continues(done):
            self._shop.store.take(done.frames)
            self._collector.add(done)
            self._sum.add_numbers(done)
            self._advance(part, done.messages)
            return
        if done is not None:
            self._sum.add_stored(done)
        sorting = self._sort()
        before = sorting.done.messages
        sorting.read(self._shop.reader, self._items(part))
        self._advance(part, sorting.done.messages - before)

    def finish(self) -> tuple[GatheredChat, SpanDone, int]:
        """End the chat: gives it, what it brought besides its messages, and the bytes that were read for it."""
        while self._parts:
            self.take_first()
        if self._sorting is None:
            dropped = frozenset(self._sum.dropped)
            for found in self._sum.findings:
                self.lose(found)
            # A message that could not be read looks like one that is gone: where one is lost, absence proves nothing.
            covered = tuple(self._covered) if self._is_whole else ()
            chat = GatheredChat(self.chat, self._collector.refs(), covered, dropped, frozenset(self._removed))
        else:
            chat = self._sorted(self._sorting)
        return chat, self._sum, self._weight

    def _end_spans(self, pool: Pool, *, is_last: bool = False) -> None:
        for spans, whole in self._spans.end(is_last=is_last):
            self._read(spans, whole, pool)

    def _read(self, spans: tuple[Span, ...], whole: bool, pool: Pool) -> None:
        ahead = self._sorting is None and all(span.ordered for span in spans)
        done = pool.submit(read_spans, SpanTask(self.chat, spans, whole)) if ahead else None
        self._parts.append(_Part(spans, done))

    def _take(self, message: Message) -> None:
        reason = unsound_in_full(message)
        if reason is None:
            self._batch.append(message)
            return
        self._batch.append(lost(self.chat, message, reason))
        if message.id is not None:
            self._sum.dropped.append(message.id)

    def _cut_batch(self) -> None:
        if self._batch:
            done: Future[SpanDone] | None = None
            if self._sorting is None and _ascend(self._batch):
                done = Future()
                done.set_result(self._shop.reader.messages(self.chat, self._batch))
            self._parts.append(_Part(self._batch, done))
            self._batch = []

    def _items(self, part: _Part) -> Iterable[Message | Finding]:
        if isinstance(part.origin, list):
            return part.origin
        return chain.from_iterable(self._shop.source.expand(span) for span in part.origin)

    def _sort(self) -> IrregularChat:
        if self._sorting is None:
            shop = self._shop
            self._sorting = IrregularChat(
                self.chat, self._number, database=shop.vault.database, store=shop.store, cuts=shop.cuts
            )
            self._sorting.take_lines(self._collected())
        return self._sorting

    def _collected(self) -> Iterator[Line]:
        """Give the messages that were in order so far."""
        for ref in self._collector.refs():
            yield from parse_segment(read_leaf(ref, self._shop.store))

    def _sorted(self, sorting: IrregularChat) -> GatheredChat:
        rounds = tuple(sorting.rounds()) if sorting.has_ids else None
        chat = GatheredChat(self.chat, sorting.in_order_of_source(), regular=False, rounds=rounds)
        sorting.close()
        self._sum.add_numbers(sorting.done)
        return chat

    def _advance(self, part: _Part, messages: int) -> None:
        self._weight += part.weight
        self._shop.progress.advance(part.weight, items=messages)


def _ascend(items: Iterable[Message | Finding]) -> bool:
    ids = [item.id for item in items if isinstance(item, Message)]
    numbers = [number for number in ids if number is not None]
    return len(ids) == len(numbers) and all(one < other for one, other in pairwise(numbers))
