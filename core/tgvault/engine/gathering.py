"""Reading a source's records in parallel and giving them back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from tgvault.archive.cuts import MESSAGES_PER_SEGMENT, Cuts
from tgvault.archive.entries import DocumentEntry
from tgvault.contracts.source import Source
from tgvault.engine.ahead import Ahead
from tgvault.engine.chat_work import ChatWork, GatheredChat, Workshop
from tgvault.engine.numbers import RunNumbers
from tgvault.engine.packing import FilePacker
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.engine.reading import Reader
from tgvault.engine.tasks import SpanDone
from tgvault.errors import PluginError
from tgvault.model.findings import Finding
from tgvault.model.records import Chat, Document, Literal, Message, Record
from tgvault.state.spans import Spans
from tgvault.vault.opened import Vault
from tgvault.vault.packs import MAX_BLOB
from tgvault.vault.writer import TextStore

__all__ = ["Gatherer"]

#: Spans under way at most; each holds its results, some 700 kB of frames, until those before it are taken in.
UNDER_WAY = 8


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
        run: int,
    ) -> None:
        self._reader = reader
        self._vault = vault
        self._store = store
        self._packer = packer
        self._numbers = numbers
        self._spans = Spans(vault.database)
        self._run = run
        cuts = Cuts(vault.keys.id_key, per_leaf=MESSAGES_PER_SEGMENT)
        self._shop = Workshop(source, reader, vault, store, cuts, progress)

    def records(self) -> Ahead[Record | Finding]:
        """Begin to read the source's records; some may be read ahead while workers have other things to do."""
        return Ahead(
            self._shop.source.records(self._shop.cuts.among), is_small=lambda each: not isinstance(each, Message)
        )

    def gather(
        self, records: Iterable[Record | Finding], pool: Pool
    ) -> Iterator[GatheredChat | DocumentEntry | Literal]:
        """Give literals, documents and chats in the source's order."""
        queue: deque[_Item] = deque()
        work: ChatWork | None = None
        for number, record in enumerate(records):
            if work is not None and isinstance(record, Chat | Literal | Document):
                work.end(pool)
            match record:
                case Finding():
                    self._numbers.findings.add(record)
                    if work is not None:
                        work.lose(record)
                case Chat():
                    work = ChatWork(_with_opening(record), number, self._shop)
                    queue.append(work)
                case Literal() | Document():
                    work = None
                    queue.append(record)
                case _ if work is None:
                    raise PluginError("the source yielded messages before their chat")
                case _:
                    work.add(record, pool)
            yield from self._ready(queue, work)
        if work is not None:
            work.end(pool)
        while queue:
            yield from self._finished(queue.popleft())

    def _ready(self, queue: deque[_Item], current: ChatWork | None) -> Iterator[GatheredChat | DocumentEntry | Literal]:
        """Give what is first in the queue, as far as nothing has to be waited for or too much is under way."""
        while queue and queue[0] is not current:
            first = queue[0]
            while isinstance(first, ChatWork) and first.under_way:
                if first.is_waiting and not _too_much(queue):
                    return
                first.take_first()
            yield from self._finished(queue.popleft())
        while current is not None and current.under_way and (not current.is_waiting or _too_much(queue)):
            current.take_first()

    def _finished(self, item: _Item) -> Iterator[GatheredChat | DocumentEntry | Literal]:
        match item:
            case Literal():
                yield item
            case Document():
                document = self._reader.document(item)
                if document is not None:
                    yield self._entry(document)
            case ChatWork():
                chat, done, weight = item.finish()
                self._take(done, weight)
                yield chat

    def _entry(self, document: Document) -> DocumentEntry:
        done = SpanDone()
        with self._reader.met(done) as met:
            media = self._reader.media(document.media, done, met, folder=None)
        self._take(done, 0)
        body = document.body
        pieces = [self._store.store(body[at : at + MAX_BLOB]).hex() for at in range(0, max(1, len(body)), MAX_BLOB)]
        return DocumentEntry(document.name, len(body), tuple(pieces), media)

    def _take(self, done: SpanDone, weight: int) -> None:
        """Count what a part brought, and remember its files."""
        self._packer.note_packs(done.packs)
        self._packer.note_listings(done.listings)
        self._packer.note_files(done)
        self._vault.files.mark_used(done.used)
        self._spans.remember(done.spans, run=self._run)
        self._spans.meet(done.spans_met, run=self._run)
        self._numbers.add(done)
        self._numbers.read += weight


_Item = ChatWork | Document | Literal


def _too_much(queue: deque[_Item]) -> bool:
    return sum(each.under_way for each in queue if isinstance(each, ChatWork)) > UNDER_WAY


def _with_opening(chat: Chat) -> Chat:
    """Give the chat with an opening and a closing, if the source left them out."""
    if chat.opening:
        return chat
    head = msgspec.json.encode({"name": chat.title, "type": chat.type, "id": chat.id})
    return msgspec.structs.replace(chat, opening=head[:-1] + b',"messages":[', closing=b"]}")
