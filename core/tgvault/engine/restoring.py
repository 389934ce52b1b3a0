"""Restoring a snapshot: everything the archive holds, or exactly what the source said in that run."""

from __future__ import annotations

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
from tgvault.engine.opening import OpenedVault
from tgvault.engine.pool import make_pool
from tgvault.engine.progress import Progress
from tgvault.engine.retelling import ArchiveWriter
from tgvault.engine.selecting import EVERYTHING, Selection
from tgvault.engine.targets import Targets
from tgvault.engine.tasks import WorkerSetup
from tgvault.errors import RestoreError, TargetNotEmptyError, UsageError
from tgvault.model.findings import Finding, Findings
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

    What cannot be read and verified is left out and listed; nothing unverified is written.

    Raises:
        TargetNotEmptyError: the folder has something in it.
        UsageError: the options make no sense together.
        VaultError: the snapshot's lists cannot be read at all.
    """
    if options.exact and options.selection != EVERYTHING:
        raise UsageError(
            "an exact restore gives back the whole export", hint="leave out `--exact`, or the choice of chats and dates"
        )
    started = now()
    _prepare(options.target)
    findings = Findings()
    vault = opened.vault
    setup = WorkerSetup(opened.sink, None, (), vault.keys, str(opened.database))
    with scratch(opened.state) as database:
        pool = make_pool(setup, WorkContext(vault), jobs=jobs)
        try:
            targets = Targets(
                str(options.target),
                places=vault.places,
                reader=vault.reader,
                database=database,
                pool=pool,
                findings=findings,
                progress=progress,
            )
            progress.phase("restoring")
            writer = _writer(snapshot, options, opened, targets, findings, progress)
            _write_result(options, writer)
            targets.finish()
        except OSError as error:
            raise RestoreError(
                f"cannot write into `{options.target}`: {error.strerror or error}",
                hint="make room there or choose another folder; the restore can be repeated",
            ) from error
        finally:
            pool.close()
            progress.done()
    return RestoreReport(
        snapshot=snapshot.id,
        target=str(options.target),
        chats=writer.chats,
        messages=writer.messages,
        gone=writer.gone,
        files=targets.files,
        bytes=targets.bytes,
        duration=round((now() - started).total_seconds(), 3),
        findings=findings.listed(),
    )


def _writer(
    snapshot: Snapshot,
    options: RestoreOptions,
    opened: OpenedVault,
    targets: Targets,
    findings: Findings,
    progress: Progress,
) -> ExactWriter | ArchiveWriter:
    def place(path: str, content: Content) -> str | None:
        return targets.add(path, content, rename=not options.exact)

    source = opened.vault.reader
    if options.exact:
        return ExactWriter(snapshot.manifest, source, place=place, findings=findings, progress=progress)
    return ArchiveWriter(
        snapshot.manifest, source, options.selection, place=place, findings=findings, progress=progress
    )


def _write_result(options: RestoreOptions, writer: ExactWriter | ArchiveWriter) -> None:
    parts = writer.parts()
    if options.media_only:
        for _ in parts:
            pass
        return
    part = options.target / f"{RESULT}.tgvault-part"
    empty = True
    with part.open("xb") as file:
        part.chmod(0o600)
        for each in parts:
            empty = empty and not each
            file.write(each)
    if empty:
        # An exact restore of a source that was no JSON: its own files are all there is.
        part.unlink()
    else:
        part.rename(options.target / RESULT)


def _prepare(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        used = next(target.iterdir(), None) is not None
    except (FileExistsError, NotADirectoryError):
        raise TargetNotEmptyError(f"`{target}` is not a folder", hint="name a new or an empty folder") from None
    except OSError as error:
        raise RestoreError(f"cannot make `{target}`: {error.strerror}", hint="choose another folder") from None
    if used:
        raise TargetNotEmptyError(f"`{target}` is not empty", hint="name a new or an empty folder")
