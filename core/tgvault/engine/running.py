"""Carrying out a backup: the source of a configuration or of a path, with workers, under the writer's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from tgvault.config.config import PluginTable, SourceTable
from tgvault.config.table import Table
from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform
from tgvault.engine.attaching import Attachment, StorePlace, attach
from tgvault.engine.backup import Backup, BackupOptions
from tgvault.engine.committing import until_sound
from tgvault.engine.context import WorkContext
from tgvault.engine.header_copy import mend_header
from tgvault.engine.leasing import leased
from tgvault.engine.opening import OpenedVault
from tgvault.engine.pool import Pool, make_pool
from tgvault.engine.progress import Progress
from tgvault.engine.remembering import reading_settings
from tgvault.engine.report import BackupReport
from tgvault.engine.tasks import WorkerSetup
from tgvault.errors import ConfigError, PluginLoadError, TgVaultError, UnrecognisedExportError
from tgvault.host.host import Host
from tgvault.host.kinds import Kind
from tgvault.host.spec import PluginSpec, build
from tgvault.model.events import RunStarted, SnapshotCommitted
from tgvault.model.policy import Policy
from tgvault.state.lock import writing
from tgvault.vault.leases import LeaseKind
from tgvault.vault.opened import Snapshot

__all__ = ["BackupPlan", "Outcome", "RunOptions", "attached", "back_up", "plan_import", "plan_source"]


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """What is to be backed up, through which transforms, into which archive."""

    name: str
    source: PluginSpec[Source]
    transforms: tuple[PluginSpec[Transform], ...]
    archive: str


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How plans are carried out: what is kept, the name of this machine, the number of workers (None for one for each
    core, 0 for none), whether snapshots may be gone from the sink, and the tags of the snapshots that are made.
    """

    policy: Policy
    machine: str
    jobs: int | None = None
    accept_missing: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: its report, and what the source had to stop for, if it could not tell everything."""

    report: BackupReport
    ended: TgVaultError | None = None


def plan_source(host: Host, table: SourceTable, *, archive: str | None) -> BackupPlan:
    """Plan the backup of a configured source; `archive` goes before what the configuration says."""
    source = host.source_spec(table.type, table.settings)
    return BackupPlan(table.name, source, _transforms(host, table.transforms), archive or table.archive)


def plan_import(host: Host, path: Path, *, archive: str, transforms: Sequence[PluginTable] = ()) -> BackupPlan:
    """Plan a one-off backup of whatever lies at the path, by the first source that recognises it.

    Raises:
        UnrecognisedExportError: no source does.
        SourceError: one does, and cannot read it.
    """
    for name in host.names(Kind.SOURCE):
        try:
            spec = host.source_spec(name, Table.given({"path": str(path)}, label=f"`{path}`"))
            source = build(spec)
        except (ConfigError, PluginLoadError):
            # A source that wants other settings than a path is no source for a path.
            continue
        try:
            source.info()
        except UnrecognisedExportError:
            continue
        finally:
            source.close()
        return BackupPlan(str(path), spec, _transforms(host, transforms), archive)
    if not os.path.lexists(path):
        raise UnrecognisedExportError(f"there is no `{path}`", hint=_meant(path))
    raise UnrecognisedExportError(
        f"`{path}` is nothing that a source recognises",
        hint="give the folder of a Telegram export, its `result.json` or `messages.html`, or a zip of the folder",
    )


def _meant(path: Path) -> str:
    """Say what lies where a path leads, and is called alike."""
    # Takes 10 ms to import and is needed only here.
    from difflib import get_close_matches

    beside: list[str] = []
    with suppress(OSError):
        beside = [each.name for each in path.parent.iterdir()]
    if close := get_close_matches(path.name, beside, n=1):
        return f"did you mean `{path.with_name(close[0])}`?"
    return "name the folder that Telegram Desktop wrote the export to, or a zip of it"


def back_up(
    opened: OpenedVault,
    plan: BackupPlan,
    options: RunOptions,
    *,
    host: Host,
    now: Callable[[], datetime],
    progress: Progress,
) -> Outcome:
    """Carry out a plan; once more from the start where packs that it has relied on turn out to be damaged.

    Raises:
        VaultBusyError: another run writes to the vault.
        AccountMismatchError, SourceError, SinkError, VaultError: see `Backup.run`.
    """
    run = partial(_back_up_once, opened, plan, options, host=host, now=now, progress=progress)
    return until_sound(opened.vault, run)


def _back_up_once(
    opened: OpenedVault,
    plan: BackupPlan,
    options: RunOptions,
    *,
    host: Host,
    now: Callable[[], datetime],
    progress: Progress,
) -> Outcome:
    with (
        writing(opened.lock),
        leased(opened, LeaseKind.BACKUP, machine=options.machine, now=now) as lease,
    ):
        host.emit(RunStarted("backup", plan.archive))
        snapshots = opened.vault.sync(accept_missing=options.accept_missing)
        opened.vault.require_writable()
        mend_header(opened.vault.sink, opened.unlocked)
        with attached(opened, plan, snapshots, now=now, progress=progress) as (source, attachment):
            transforms = [build(spec) for spec in plan.transforms]
            settings = reading_settings(plan.source, plan.transforms)
            context = WorkContext.of(opened.vault, source, transforms, settings=settings)
            assert context.reader is not None
            kept = BackupOptions(
                plan.archive, options.policy, plan.source.type, options.machine, now, settings, options.tags
            )
            run = Backup(opened.vault, source, context.reader, kept, progress=progress, lease=lease)
            report = run.run(snapshots, pool=lambda: _pool(opened, plan, context, options.jobs, attachment.place))
        opened.vault.sink.tidy()
        host.emit(SnapshotCommitted(report.archive, report.snapshot, report.losses))
    return Outcome(report, run.ended)


@contextmanager
def attached(
    opened: OpenedVault,
    plan: BackupPlan,
    snapshots: Sequence[Snapshot],
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> Iterator[tuple[Source, Attachment]]:
    """Make a plan's source, and give it what it may use of the vault; everything is closed afterwards."""
    line = [each for each in snapshots if each.manifest.archive == plan.archive][::-1]
    attachment = Attachment(
        opened.vault, opened.state, source=plan.name, archive=plan.archive, line=line, progress=progress, now=now
    )
    source = build(plan.source)
    try:
        attach(source, attachment)
        yield source, attachment
    finally:
        source.close()
        attachment.close()
        progress.done()


def _pool(opened: OpenedVault, plan: BackupPlan, here: WorkContext, jobs: int | None, store: StorePlace) -> Pool:
    setup = WorkerSetup(opened.sink, plan.source, plan.transforms, opened.vault.keys, str(opened.database), store)
    return make_pool(setup, here, jobs=jobs)


def _transforms(host: Host, tables: Sequence[PluginTable]) -> tuple[PluginSpec[Transform], ...]:
    return tuple(host.transform_spec(table.type, table.settings) for table in tables)
