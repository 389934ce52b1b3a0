"""Bringing copies up to date for the verbs that do, one after the other; one that is away keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.cli.failure import show_error
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.text import count, size
from tgvault.cli.unlocking import Work
from tgvault.config.config import PRIMARY, Config, SinkTable
from tgvault.contracts.sink import Sink
from tgvault.engine.opening import vault_id_of
from tgvault.engine.removing import Deleted
from tgvault.engine.same_place import seen_from
from tgvault.engine.sinks import sink_spec
from tgvault.engine.syncing import SyncReport, begin_copy, sync_copy
from tgvault.errors import AccessError, ConfigError, PluginError, SinkError, SinkWaitingError, TgVaultError, VaultError
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build, written_settings
from tgvault.retention.duration import seconds_of
from tgvault.retention.watching import Watch
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import read_header
from tgvault.vault.marks import MarkKind

__all__ = ["CopyRun", "check_apart", "check_no_mirror", "check_primary", "show_copy", "sync_after", "sync_copies"]

#: What may be wrong with one copy, and concerns no other.
_OF_A_COPY = (AccessError, ConfigError, PluginError, SinkError, VaultError)


#: The settings of sinks that say in which folder of a store the objects lie.
_FOLDERS = ("path", "prefix")


class CopyRun(msgspec.Struct, frozen=True):
    """What became of one copy."""

    copy: Annotated[str, Meta(description="The copy's name in `vault.toml`.")]
    report: Annotated[SyncReport | None, Meta(description="What was brought to it, or null where nothing could be.")]
    error: Annotated[str | None, Meta(description="Why nothing could be brought, or null.")] = None


def sync_copies(
    tables: Iterable[SinkTable],
    config: Config,
    host: Host,
    invocation: Invocation,
    *,
    primary: PluginSpec[Sink],
    is_new: bool = False,
    keys: KeyBundle | None = None,
    deleted: Callable[[str], Deleted] = lambda _: Deleted(),
) -> Iterator[tuple[CopyRun, TgVaultError | None]]:
    """Bring copies up to date, and give what became of each; with `is_new` their places are made.

    For `keys`, and what `deleted` gives for a copy's name, see `sync_copy`.
    """
    for table in tables:
        try:
            other = sink_spec(table, config, host=host, environment=invocation.environment)
            gone = deleted(table.name)
            report = _sync(primary, other, table.name, invocation, is_new=is_new, keys=keys, deleted=gone)
        except _OF_A_COPY as error:
            yield CopyRun(table.name, None, str(error)), error
        else:
            yield CopyRun(table.name, report), None


def sync_after(work: Work, invocation: Invocation, *, grace: float | None = None) -> None:
    """Bring all copies up to date after a backup, and say what is wrong with one: that fails no backup.

    What was deleted is removed from a copy when this machine has seen for `grace` seconds that only the copy has it,
    without them for as long as `[retention]` says: a prune that should not have been is noticed in that time, or one
    by somebody else.
    """
    tables = list(work.config.copies.values())
    if not tables:
        return
    assert work.opened.spec is not None
    now = datetime.now(UTC)
    seconds = seconds_of(work.config.retention.grace, now) if grace is None else grace
    names = work.vault.look_at_marks().objects(MarkKind.DELETED)
    watch = Watch(work.vault.sink, work.vault.memory, own="", now=now)

    def deleted(copy: str) -> Deleted:
        return Deleted(names, partial(watch.settled, f"gone but for {copy}", grace=seconds))

    runs = sync_copies(
        tables,
        work.config,
        work.host,
        invocation,
        primary=work.opened.spec,
        keys=work.vault.keys,
        deleted=deleted,
    )
    for run, error in runs:
        if error is not None:
            about = f"copy `{run.copy}` is not up to date"
            show_error(error, invocation.stderr, about=about, word="warning", hint=_later(error, run.copy))
        elif run.report is not None:
            if not run.report.problems:
                work.vault.memory.note_synced(run.copy, time=datetime.now(UTC))
            show_copy(run.report, invocation.output)


def _later(error: TgVaultError, copy: str) -> str:
    """Say what to do about a copy after a backup, which is not to be run again for it."""
    command = f"`tgvault sync {copy}`"
    if error.hint is not None and f"tgvault sync {copy}" in error.hint:
        return error.hint
    if isinstance(error, SinkWaitingError):
        return f"plug it in; {command}, or the next backup, brings then what it lacks"
    return "; ".join(filter(None, (error.hint, f"{command}, or the next backup, brings what it lacks")))


def show_copy(report: SyncReport, output: Output) -> None:
    """Tell what was brought to a copy, and what could not be."""
    for problem in report.problems:
        output.warn(f"problem: copy `{report.copy}`: {problem.message}")
    if output.quiet or output.json:
        return
    said = [f"{count(report.brought, 'object')} brought, {size(report.bytes)}"] if report.brought else []
    said += [f"{count(report.removed, 'object')} removed"] if report.removed else []
    if report.problems:
        said.append(f"{count(len(report.problems), 'object')} could not be brought")
    said = said or ["up to date"]
    if report.others:
        said.append(f"{count(report.others, 'object')} only there")
    output.line(f"copy      {report.copy}: {'; '.join(said)}")


def _sync(
    primary: PluginSpec[Sink],
    copy: PluginSpec[Sink],
    name: str,
    invocation: Invocation,
    *,
    is_new: bool,
    keys: KeyBundle | None,
    deleted: Deleted,
) -> SyncReport:
    check_apart(primary, copy)
    if is_new:
        with closing(build(copy)) as place:
            if begin_copy(place, name=name):
                check_no_mirror({PRIMARY: partial(build, primary)}, place)
    makes = partial(build, primary), partial(build, copy)
    progress = invocation.progress()
    return sync_copy(*makes, name=name, is_new=is_new, progress=progress, keys=keys, deleted=deleted)


def check_primary(config: Config, host: Host, *, environment: Mapping[str, str]) -> tuple[PluginSpec[Sink], str]:
    """Make sure that the vault is there, and the one that is meant; say how its sink is made, and which vault it is.

    Raises:
        TgVaultError: as `sink_spec`, `vault_id_of` and `read_header` do.
    """
    spec = sink_spec(config.sink, config, host=host, environment=environment)
    with closing(build(spec)) as sink:
        header = cache(partial(read_header, sink))
        vault_id = vault_id_of(config, header)
        # What is wrong with it is wrong with no copy.
        header()
        return spec, vault_id


def check_apart(
    primary: PluginSpec[Sink], copy: PluginSpec[Sink], *, of: str = "the vault itself", name: str = "it"
) -> None:
    """Refuse a copy in the vault's own place, or in that of what is said: it would be lost together with it.

    Raises:
        ConfigError: the copy, which is called `name`, leads to the same place, or one of the two lies inside the other.
    """
    if primary.type == copy.type and _is_inside_or_around(written_settings(primary), written_settings(copy)):
        raise _in_the_place_of(of, name)


def check_no_mirror(others: Mapping[str, Callable[[], Sink]], place: Sink, *, name: str = "it") -> None:
    """Refuse a place of which the store itself shows that it is one of the others', by whatever way.

    Raises:
        ConfigError: it is.
        SinkError: nothing can be put there, or taken away.
    """
    if (other := seen_from(others, place, now=datetime.now(UTC))) is not None:
        raise _in_the_place_of("the vault itself" if other == PRIMARY else f"copy `{other}`", name)


def _in_the_place_of(other: str, name: str) -> ConfigError:
    return ConfigError(f"{name} lies in the place of {other}", hint="give the copy another place")


def _is_inside_or_around(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Tell whether one place is the other, or a folder in it: what else the settings say is the same then."""
    if any(one.get(key) != other.get(key) for key in one.keys() | other.keys() if key not in _FOLDERS):
        return False
    a, b = (PurePosixPath(*(_located(settings.get(key, "")) for key in _FOLDERS)) for settings in (one, other))
    return a.is_relative_to(b) or b.is_relative_to(a)


def _located(folder: object) -> str:
    return folder.resolve().as_posix() if isinstance(folder, Path) else str(folder)
