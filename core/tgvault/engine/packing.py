"""Packing the files that a source lists, those first that nobody has seen yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait

from tgvault.archive.lists import BlobStore
from tgvault.contracts.source import MediaFile
from tgvault.engine.context import pack_files
from tgvault.engine.ingesting import decode_content
from tgvault.engine.numbers import RunNumbers
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.engine.soundness import is_name
from tgvault.engine.tasks import FilesDone, FilesTask, SpanDone
from tgvault.model.findings import Finding, FindingKind
from tgvault.state.files import Files, KnownFile
from tgvault.state.places import Places
from tgvault.vault.packs import MEDIA_PACK
from tgvault.vault.writer import StoredPack

__all__ = ["FilePacker"]

#: Files in one task at most, and tasks under way for each worker at least: small files are quick, and what is done
#: should be remembered soon.
FILES_PER_TASK = 500
UNDER_WAY = 6


class FilePacker:
    """Gives the run's files names in the local state; unchanged ones are not opened."""

    def __init__(
        self,
        files: Files,
        places: Places,
        *,
        store: BlobStore,
        numbers: RunNumbers,
        progress: Progress,
        run: int,
    ) -> None:
        self._files = files
        self._places = places
        self._store = store
        self._numbers = numbers
        self._progress = progress
        self._run = run
        self._under_way: set[Future[FilesDone]] = set()

    def pack(self, listed: Iterable[MediaFile], pool: Pool, *, meanwhile: Callable[[], bool]) -> None:
        """Pack what is new and remember everything.

        `meanwhile` is called while workers pack the last files, as long as it says that it has more to do.
        """
        for task in _tasks(self._unknown(listed)):
            self._under_way.add(pool.submit(pack_files, task))
            self._take_done()
            while len(self._under_way) > UNDER_WAY:
                self._wait()
        while self._under_way:
            if self._take_done() or meanwhile():
                continue
            self._wait()

    def collect(self) -> None:
        """Remember what workers did until they were ended: after an error, or when the user stopped the run."""
        for task in self._under_way:
            if task.done() and not task.cancelled() and task.exception() is None:
                self.remember(task.result())
        self._under_way.clear()

    def remember(self, done: FilesDone) -> None:
        """Take over what a worker did, so that no later run does it again."""
        self.note_packs(done.packs)
        self.note_listings(done.listings)
        self.note_files(done)
        self._numbers.findings.update(done.findings)

    def _wait(self) -> None:
        wait(self._under_way, return_when=FIRST_COMPLETED)
        self._take_done()

    def _take_done(self) -> bool:
        """Take in what has ended at once: what is not remembered is done again after a run that was killed."""
        done = {task for task in self._under_way if task.done()}
        for task in done:
            self._under_way.discard(task)
            self.remember(task.result())
        return bool(done)

    def note_packs(self, packs: Iterable[StoredPack]) -> None:
        """Remember packs that are in the sink."""
        for pack in packs:
            self._places.add_pack(pack.digest, pack.size, pack.blobs, listed=False)
            self._numbers.stored += pack.size

    def note_listings(self, listings: Iterable[bytes]) -> None:
        """Store lists of pieces."""
        for listing in listings:
            self._store.store(listing)

    def note_files(self, done: FilesDone | SpanDone) -> None:
        """Remember files that were read, and those that could not be."""
        files = done.files
        if done.failed:
            self._files.add_failed(done.failed)
        if not files:
            return
        self._files.remember(((stamp, file.size, file.content) for file, stamp in files if stamp), run=self._run)
        self._files.add(file for file, _ in files)
        self._numbers.new_files += done.new_files
        size = sum(file.size for file, _ in files)
        self._numbers.read += size
        self._progress.advance(size, items=len(files))

    def _unknown(self, listed: Iterable[MediaFile]) -> Iterator[MediaFile]:
        """Let through the files that have to be read; the others are remembered under their names of this run."""
        known: list[tuple[KnownFile, bytes]] = []
        for file in listed:
            if not is_name(file.name):
                detail = "its name is no Unicode text, or longer than any system takes"
                self._numbers.findings.add(Finding(FindingKind.LOST, ascii(file.name[:200]), detail))
                continue
            found = self._files.by_stamp(file.stamp) if file.stamp else None
            if found is None or not self._is_whole(found[1]):
                yield file
                continue
            known.append((KnownFile(file.name, file.size, found[1]), file.stamp))
            if len(known) == FILES_PER_TASK:
                self._note_known(known)
                known = []
        self._note_known(known)

    def _note_known(self, known: list[tuple[KnownFile, bytes]]) -> None:
        self._files.add(file for file, _ in known)
        self._files.remember(((stamp, file.size, file.content) for file, stamp in known), run=self._run)
        self._progress.advance(sum(file.size for file, _ in known), items=len(known))

    def _is_whole(self, content: bytes) -> bool:
        reference = decode_content(content)
        return self._places.has(bytes.fromhex(reference.blob or reference.pieces or ""))


def _tasks(files: Iterable[MediaFile]) -> Iterator[FilesTask]:
    batch: list[MediaFile] = []
    size = 0
    for file in files:
        if batch and (size + file.size > 2 * MEDIA_PACK or len(batch) == FILES_PER_TASK):
            yield FilesTask(tuple(batch))
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield FilesTask(tuple(batch))
