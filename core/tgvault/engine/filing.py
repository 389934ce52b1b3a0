"""Reading a source's files into packs: those that it lists, and those that only a message names."""

from __future__ import annotations

from types import TracebackType

from tgvault.contracts.source import Source
from tgvault.engine.ingesting import FileIngest, encode_content
from tgvault.engine.soundness import is_name
from tgvault.engine.tasks import FilesDone, FilesTask, SpanDone
from tgvault.errors import HostilePathError, SourceChangedError
from tgvault.model.findings import Finding, FindingKind
from tgvault.state.files import KnownFile
from tgvault.vault.opened import Vault
from tgvault.vault.packs import MEDIA_PACK
from tgvault.vault.writer import PackWriter

__all__ = ["MetFiles", "pack_listed"]

_UNREADABLE = (OSError, HostilePathError, SourceChangedError)


def pack_listed(vault: Vault, source: Source, task: FilesTask) -> FilesDone:
    """Read and pack files that the source listed."""
    done = FilesDone()
    with _Ingest(vault, done) as ingest:
        for file in task.files:
            _read(source, file.name, ingest, done)
    return done


class MetFiles:
    """Packs files as messages name them that the source did not list, all of a part into the same packs.

    A file that cannot be read is a finding of the part, once.
    """

    def __init__(self, vault: Vault, source: Source, done: SpanDone) -> None:
        self._vault = vault
        self._source = source
        self._done = done
        self._ingest: _Ingest | None = None
        self._met: dict[str, KnownFile | None] = {}

    def find(self, name: str) -> KnownFile | None:
        """Give a file of the source; None if it cannot be had."""
        if not is_name(name):
            return None
        known = self._vault.files.by_name(name)
        if known is not None:
            return known if known.content else None
        if name not in self._met:
            if self._ingest is None:
                self._ingest = _Ingest(self._vault, self._done)
            self._met[name] = _read(self._source, name, self._ingest.__enter__(), self._done)
        return self._met[name]

    def __enter__(self) -> MetFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._ingest is not None:
            self._ingest.__exit__(kind, error, at)


class _Ingest:
    """A pack writer for as long as one task lasts; afterwards everything that it took is safe."""

    def __init__(self, vault: Vault, done: FilesDone | SpanDone) -> None:
        assert vault.keys.data is not None
        self._writer = PackWriter(vault.sink, vault.keys.data.recipient, done.packs.append, size=MEDIA_PACK)
        self._ingest = FileIngest(id_key=vault.keys.id_key, has=vault.places.has, writer=self._writer)
        self._done = done

    def __enter__(self) -> FileIngest:
        return self._ingest

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._ingest.flush()
                self._done.listings.extend(self._ingest.listings)
        finally:
            self._writer.close()


def _read(source: Source, name: str, ingest: FileIngest, done: FilesDone | SpanDone) -> KnownFile | None:
    before = ingest.new_blobs
    try:
        opened = source.open_media(name)
        with opened.file:
            content = ingest.add(opened.file, opened.size, name=name)
    except _UNREADABLE as error:
        done.findings.append(_finding(name, error))
        done.failed.append(name)
        return None
    known = KnownFile(name, opened.size, encode_content(content))
    done.files.append((known, opened.stamp))
    done.new_files += ingest.new_blobs > before
    return known


def _finding(name: str, error: Exception) -> Finding:
    if isinstance(error, FileNotFoundError):
        return Finding(FindingKind.MISSING_FILE, name, "the source names it and does not have it")
    if isinstance(error, HostilePathError):
        return Finding(FindingKind.REFUSED_PATH, name, str(error))
    if isinstance(error, OSError):
        return Finding(FindingKind.MISSING_FILE, name, f"cannot be read: {error.strerror or error}")
    return Finding(FindingKind.LOST, name, str(error))
