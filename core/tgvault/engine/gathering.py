"""Reading a source's records in parallel and giving them back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import msgspec

from tgvault.archive.cuts import MESSAGES_PER_SEGMENT, Cuts
from tgvault.archive.entries import DocumentEntry
from tgvault.archive.lists import Ref
from tgvault.contracts.source import Source
from tgvault.engine.collecting import Collector
from tgvault.engine.context import read_span
from tgvault.engine.irregular import IrregularChat
from tgvault.engine.numbers import RunNumbers
from tgvault.engine.packing import FilePacker
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.engine.reading import Reader
from tgvault.engine.tasks import SpanDone, SpanTask
from tgvault.errors import PluginError
from tgvault.model.findings import Finding
from tgvault.model.records import Chat, Coverage, Document, Literal, Message, Span
from tgvault.vault.opened import Vault
from tgvault.vault.packs import MAX_BLOB
from tgvault.vault.writer import TextStore

__all__ = ["GatheredChat", "Gatherer"]

#: Messages that a source yields one by one are cut in batches of this many.
BATCH = 10_000

#: Spans under way at most; each holds its results, some 700 kB of frames, until those before it are taken in.
UNDER_WAY = 8


@dataclass(frozen=True, slots=True)
class GatheredChat:
    """A chat whose messages are in segments: by id, or in the source's order where the ids do not ascend.

    `rounds` are the messages sorted by id, once more for each repetition; it is empty where there are no ids.
    """

    chat: Chat
    refs: Sequence[Ref]
    covered: tuple[tuple[int, int], ...] = ()
    dropped: frozenset[int] = frozenset()
    regular: bool = True
    rounds: tuple[Sequence[Ref], ...] = ()


class _Work:
    """A chat whose parts are under way; each part is taken in as soon as those before it are."""

    def __init__(self, chat: Chat, store: TextStore, cuts: Cuts, progress: Progress) -> None:
        self.chat = chat
        self.spans: list[Span] = []
        self.batch: list[Message | Finding] = []
        self.covered: list[tuple[int, int]] = []
        self.under_way: deque[tuple[Future[SpanDone], int]] = deque()
        self.collector = Collector(store, cuts)
        self.sum = SpanDone()
        self.regular = True
        self._store = store
        self._progress = progress

    def take_first(self) -> None:
        """Wait for the first part that is under way, and take it in."""
        future, weight = self.under_way.popleft()
        part = future.result()
        self._progress.advance(weight, items=part.messages)
        self.regular = self.regular and part.ordered and part.has_ids
        if self.regular:
            self._store.take(part.frames)
            self.collector.add(part)
        self.sum.add_numbers(part)


class Gatherer:
    """Turns the records of one run into segments and entries; used once."""

    def __init__(
        self,
        source: Source,
        reader: Reader,
        vault: Vault,
        *,
        store: TextStore,
        packer: FilePacker,
        numbers: RunNumbers,
        progress: Progress,
    ) -> None:
        self._source = source
        self._reader = reader
        self._vault = vault
        self._store = store
        self._packer = packer
        self._numbers = numbers
        self._progress = progress
        self._cuts = Cuts(vault.keys.id_key, per_leaf=MESSAGES_PER_SEGMENT)

    def gather(self, pool: Pool) -> Iterator[GatheredChat | DocumentEntry | Literal]:
        """Give literals, documents and chats in the source's order."""
        queue: deque[_Work | Document | Literal] = deque()
        work: _Work | None = None
        for record in self._source.records():
            match record:
                case Finding():
                    self._numbers.findings.add(record)
                case Chat():
                    work = _Work(_with_opening(record), self._store, self._cuts, self._progress)
                    queue.append(work)
                case Literal() | Document():
                    work = None
                    queue.append(record)
                case _ if work is None:
                    raise PluginError("the source yielded messages before their chat")
                case _:
                    self._part(work, record, pool)
            yield from self._ready(queue, work)
        while queue:
            yield from self._finished(queue.popleft())

    def _part(self, work: _Work, record: Span | Message | Coverage, pool: Pool) -> None:
        match record:
            case Span():
                work.spans.append(record)
                work.regular = work.regular and record.ordered
                work.under_way.append((pool.submit(read_span, SpanTask(work.chat, record)), record.weight))
            case Message():
                work.batch.append(record)
                if len(work.batch) == BATCH:
                    self._cut_batch(work)
            case Coverage():
                work.covered.append((record.first, record.last))

    def _cut_batch(self, work: _Work) -> None:
        part: Future[SpanDone] = Future()
        part.set_result(self._reader.messages(work.chat, work.batch))
        work.under_way.append((part, 0))
        work.batch = []

    def _ready(
        self, queue: deque[_Work | Document | Literal], current: _Work | None
    ) -> Iterator[GatheredChat | DocumentEntry | Literal]:
        """Give what is first in the queue, as far as nothing has to be waited for or too much is under way."""
        while queue and queue[0] is not current:
            first = queue[0]
            while isinstance(first, _Work) and first.under_way:
                if not first.under_way[0][0].done() and not _too_much(queue):
                    return
                first.take_first()
            yield from self._finished(queue.popleft())
        while current is not None and current.under_way and _too_much(queue):
            current.take_first()

    def _finished(self, item: _Work | Document | Literal) -> Iterator[GatheredChat | DocumentEntry | Literal]:
        match item:
            case Literal():
                yield item
            case Document():
                document = self._reader.document(item)
                if document is not None:
                    yield self._entry(document)
            case _Work():
                yield self._chat(item)

    def _entry(self, document: Document) -> DocumentEntry:
        done = SpanDone()
        media = self._reader.media(document.media, done, folder=None)
        self._take(done, 0)
        body = document.body
        pieces = [self._store.store(body[at : at + MAX_BLOB]).hex() for at in range(0, max(1, len(body)), MAX_BLOB)]
        return DocumentEntry(document.name, len(body), tuple(pieces), media)

    def _chat(self, work: _Work) -> GatheredChat:
        if work.batch:
            self._cut_batch(work)
        while work.under_way:
            work.take_first()
        if not work.regular or not work.collector.ordered:
            return self._irregular(work)
        self._take(work.sum, sum(span.weight for span in work.spans))
        return GatheredChat(work.chat, work.collector.refs(), tuple(work.covered), frozenset(work.sum.dropped))

    def _irregular(self, work: _Work) -> GatheredChat:
        if not work.spans:
            raise PluginError(f"the source yielded messages of chat `{work.chat.key}` whose ids do not ascend")
        chat = IrregularChat(self._vault.database, self._store, self._cuts)
        chat.read(self._reader, work.chat, (item for span in work.spans for item in self._source.expand(span)))
        self._take(chat.done, sum(span.weight for span in work.spans))
        rounds = tuple(chat.rounds()) if chat.has_ids else ()
        return GatheredChat(work.chat, chat.in_order_of_source(), regular=False, rounds=rounds)

    def _take(self, done: SpanDone, weight: int) -> None:
        """Count what a part brought, and remember its files."""
        self._packer.note_packs(done.packs)
        self._packer.note_listings(done.listings)
        self._packer.note_files(done.files)
        self._vault.files.mark_used(done.used)
        self._numbers.add(done)
        self._numbers.read += weight


def _too_much(queue: deque[_Work | Document | Literal]) -> bool:
    return sum(len(each.under_way) for each in queue if isinstance(each, _Work)) > UNDER_WAY


def _with_opening(chat: Chat) -> Chat:
    """Give the chat with an opening and a closing, if the source left them out."""
    if chat.opening:
        return chat
    head = msgspec.json.encode({"name": chat.title, "type": chat.type, "id": chat.id})
    return msgspec.structs.replace(chat, opening=head[:-1] + b',"messages":[', closing=b"]}")
