"""What a worker has at hand, in a process of its own or in the main one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform
from tgvault.engine.attaching import attach_worker
from tgvault.engine.reading import Reader
from tgvault.engine.remembering import reading_settings
from tgvault.engine.tasks import FilesDone, FilesTask, SpanDone, SpanTask, WorkerSetup
from tgvault.host.spec import build
from tgvault.state.database import Database
from tgvault.vault.opened import Vault

__all__ = ["WorkContext", "make_context", "pack_files", "read_spans"]


@dataclass(frozen=True, slots=True)
class WorkContext:
    """A vault, and what reads the run's source; `reader` is None where nothing is backed up."""

    vault: Vault
    reader: Reader | None = None

    @classmethod
    def of(cls, vault: Vault, source: Source, transforms: Sequence[Transform], *, settings: bytes) -> WorkContext:
        """Make one from parts that exist already; for `settings` see `reading_settings`."""
        return cls(vault, Reader(vault, source, transforms, settings=settings))


def make_context(setup: WorkerSetup) -> WorkContext:
    """Open everything anew, in a process that has nothing yet."""
    database = Database.open(Path(setup.state), key=setup.keys.id_key.state_key())
    vault = Vault(setup.sink(), setup.keys, database)
    if setup.source is None:
        return WorkContext(vault)
    settings = reading_settings(setup.source, setup.transforms)
    source = build(setup.source)
    attach_worker(source, setup.store)
    return WorkContext.of(vault, source, [build(spec) for spec in setup.transforms], settings=settings)


def pack_files(context: WorkContext, task: FilesTask) -> FilesDone:
    """Read and pack files."""
    assert context.reader is not None
    return context.reader.files(task)


def read_spans(context: WorkContext, task: SpanTask) -> SpanDone:
    """Read and cut runs of messages."""
    assert context.reader is not None
    return context.reader.spans(task)
