"""Restoring a snapshot: everything the archive holds, or exactly what the source said in that run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.archive.segments import Content
from tgvault.engine.context import WorkContext
from tgvault.engine.exact import ExactWriter
from tgvault.engine.extracting import PARTS, place_part
from tgvault.engine.naming import Names
from tgvault.engine.opening import OpenedVault
from tgvault.engine.pool import InlinePool, Pool, make_pool
from tgvault.engine.progress import Progress
from tgvault.engine.retelling import ArchiveWriter
from tgvault.engine.selecting import EVERYTHING, Selection
from tgvault.engine.targets import Targets
from tgvault.engine.tasks import WorkerSetup
from tgvault.errors import RestoreError, TargetNotEmptyError, UsageError
from tgvault.model.findings import Finding, Findings
from tgvault.state.database import Database
from tgvault.state.scratch import scratch
from tgvault.vault.opened import Snapshot

__all__ = ["RESULT", "RestoreOptions", "RestoreReport", "restore"]

#: The file that holds the messages, as in an export of Telegram Desktop.
RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """What to restore, and where to. `exact` gives the source's own words and goes with no selection."""

    target: Path
    exact: bool = False
    media_only: bool = False
    selection: Selection = EVERYTHING


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore wrote."""

    snapshot: Annotated[str, Meta(description="Short id of the snapshot.")]
    target: Annotated[str, Meta(description="The folder.")]
    chats: Annotated[int, Meta(description="Number of chats.")]
    messages: Annotated[int, Meta(description="Number of messages, gone ones included.")]
    gone: Annotated[int, Meta(description="Number of messages that are gone from Telegram.")]
    files: Annotated[int, Meta(description="Number of files besides `result.json`.")]
    bytes: Annotated[int, Meta(description="Bytes of these files.")]
    duration: Annotated[float, Meta(description="Seconds that it took.")]
    findings: Annotated[list[Finding], Meta(description="What could not be restored, and why.")]

    @property
    def losses(self) -> int:
        """Number of things that the snapshot has and the folder has not."""
        return sum(found.count for found in self.findings if found.is_loss)


def restore(
    opened: OpenedVault,
    snapshot: Snapshot,
    options: RestoreOptions,
    *,
    jobs: int | None,
    now: Callable[[], datetime],
    progress: Progress,
) -> RestoreReport:
    """Write a snapshot into an empty folder.

    What cannot be read and verified is left out and listed; nothing unverified is written. Every file stands under its
    name whole or not at all, and `result.json` comes last: a folder without it is a restore that was stopped.

    Raises:
        TargetNotEmptyError: the folder has something in it.
        UsageError: the options make no sense together.
        RestoreError: the folder cannot be written to, or an exact restore is not possible.
        SinkError: the sink cannot be read.
    """
    if options.exact and options.selection != EVERYTHING:
        raise UsageError(
            "an exact restore gives back the whole export", hint="leave out `--exact`, or the choice of chats and dates"
        )
    _check_place(opened, options.target)
    started = now()
    run = _Restore(opened, snapshot, options, progress)
    _prepare(options.target)
    try:
        run.carry_out(jobs)
    except OSError as error:
        raise RestoreError(
            f"cannot write into `{options.target}`: {error.strerror or error}",
            hint="make room there or choose another folder; the restore can be repeated",
        ) from error
    finally:
        shutil.rmtree(options.target / PARTS, ignore_errors=True)
        progress.done()
    return run.report(duration=round((now() - started).total_seconds(), 3))


class _Restore:
    """One restore; used once."""

    def __init__(self, opened: OpenedVault, snapshot: Snapshot, options: RestoreOptions, progress: Progress) -> None:
        self._opened = opened
        self._snapshot = snapshot
        self._options = options
        self._progress = progress
        self._findings = Findings()
        self._targets: Targets
        self._writer = self._make_writer()

    def carry_out(self, jobs: int | None) -> None:
        """Write everything."""
        opened = self._opened
        setup = WorkerSetup(opened.sink, None, (), opened.vault.keys, str(opened.database))
        with scratch(opened.state) as database:
            pool = make_pool(setup, WorkContext(opened.vault), jobs=jobs)
            try:
                self._targets = self._make_targets(database, pool)
                self._progress.phase("restoring")
                self._write_text()
                self._targets.finish()
            finally:
                pool.close()
        self._name_text()

    def report(self, *, duration: float) -> RestoreReport:
        """Tell what was written."""
        return RestoreReport(
            snapshot=self._snapshot.id,
            target=str(self._options.target),
            chats=self._writer.chats,
            messages=self._writer.messages,
            gone=self._writer.gone,
            files=self._targets.files,
            bytes=self._targets.bytes,
            duration=duration,
            findings=self._findings.listed(),
        )

    @property
    def _has_text(self) -> bool:
        return self._writer.has_text and not self._options.media_only

    def _make_writer(self) -> ExactWriter | ArchiveWriter:
        manifest, reader = self._snapshot.manifest, self._opened.vault.reader
        place, findings, progress = self._place, self._findings, self._progress
        if self._options.exact:
            return ExactWriter(manifest, reader, place=place, findings=findings, progress=progress)
        selection = self._options.selection
        return ArchiveWriter(manifest, reader, selection, place=place, findings=findings, progress=progress)

    def _make_targets(self, database: Database, pool: Pool) -> Targets:
        root, vault = self._options.target, self._opened.vault
        reserved = (PARTS, RESULT) if self._has_text else (PARTS,)
        return Targets(
            str(root),
            Names(database, folds=_folds(root), reserved=reserved),
            places=vault.places,
            reader=vault.reader,
            sink=vault.sink,
            database=database,
            pool=pool,
            here=InlinePool(WorkContext(vault)),
            findings=self._findings,
            progress=self._progress,
        )

    def _place(self, path: str, content: Content) -> str | None:
        return self._targets.add(path, content, rename=not self._options.exact)

    def _write_text(self) -> None:
        if not self._has_text:
            for _ in self._writer.parts():
                pass
            return
        part = self._options.target / PARTS / RESULT
        with part.open("xb") as file:
            part.chmod(0o600)
            file.writelines(self._writer.parts())

    def _name_text(self) -> None:
        if self._has_text:
            place_part(str(self._options.target), RESULT, RESULT)


def _folds(target: Path) -> bool:
    """Tell whether the file system takes names that differ in case for one."""
    return (target / PARTS.upper()).exists()


def _check_place(opened: OpenedVault, target: Path) -> None:
    """What is restored can be read by everybody who sees the folder: it must not lie where only sealed things do."""
    for place in (*opened.folders, opened.state):
        if target.resolve().is_relative_to(place.resolve()):
            raise UsageError(
                f"`{target}` lies in `{place}`, which is the vault's own", hint="restore to a folder somewhere else"
            )


def _prepare(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        used = next(target.iterdir(), None) is not None
        if not used:
            (target / PARTS).mkdir(mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise TargetNotEmptyError(f"`{target}` is not a folder", hint="name a new or an empty folder") from None
    except OSError as error:
        raise RestoreError(f"cannot make `{target}`: {error.strerror}", hint="choose another folder") from None
    if used:
        hint = "name a new or an empty folder"
        if (target / PARTS).exists():
            hint += f", or delete this one: a restore that was stopped has left it (it has a hidden `{PARTS}`)"
        raise TargetNotEmptyError(f"`{target}` is not empty", hint=hint)
