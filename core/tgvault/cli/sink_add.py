"""What `tgvault sink add` does: nothing is written unless the new copy is known to work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import msgspec

from tgvault.cli.asking import ask, can_ask
from tgvault.cli.copying import check_apart, check_no_mirror
from tgvault.cli.credential import ask_credential, store_to_ask_for
from tgvault.cli.invocation import Invocation
from tgvault.config.config import PRIMARY, Config, SinkTable, sink_table
from tgvault.config.edit import rewrite_config, with_copy
from tgvault.config.fields import description
from tgvault.config.sections import CopySection
from tgvault.config.table import Table
from tgvault.config.write import Settings
from tgvault.contracts.credentials import Credential
from tgvault.contracts.sink import Sink
from tgvault.engine.places import SinkPlaces
from tgvault.engine.sinks import credential_search
from tgvault.engine.syncing import begin_copy
from tgvault.engine.trying import TrialReport, try_sink
from tgvault.errors import ConfigError, PluginError, SinkPermissionError, UsageError
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build, written_settings

__all__ = ["NewSink", "add_sink", "check_name", "given_settings", "new_sink", "said_settings", "tried_out"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class NewSink:
    """A sink that stands in no file yet: its table, how it is made, and what is to be written of it."""

    table: SinkTable
    spec: PluginSpec[Sink]
    #: May hold a secret in the arguments of a command.
    settings: Settings = field(repr=False)


def said_settings(pairs: Sequence[str], *, how: str) -> dict[str, str]:
    """Take settings apart that were said as `KEY=VALUE`; `how` is what to write instead of what is none.

    Raises:
        UsageError: one of them is none.
    """
    said: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"`{pair}` is no setting", hint=f"write `{how}`")
        said[key] = value
    return said


def given_settings(type_: str, said: Settings, host: Host, invocation: Invocation) -> Settings:
    """Ask for the settings that a sink has to have and that were not said, where there is somebody to be asked.

    Raises:
        PluginMissingError, PluginLoadError: as `Host.sink` does.
    """
    if not can_ask(invocation):
        return said
    fields = msgspec.structs.fields(host.sink(type_).config)
    lacking = [each for each in fields if each.required and each.encode_name not in said]
    answers = {}
    for each in lacking:
        about = description(each.type)
        answers[each.encode_name] = ask(invocation, f"{each.encode_name}, {about}" if about else each.encode_name)
    return {**said, **answers}


def new_sink(
    name: str, type_: str, said: Settings, host: Host, invocation: Invocation, *, label: str | None = None
) -> NewSink:
    """Check the settings of a sink that stands in no file yet; `label` says in errors what they are.

    Raises:
        PluginMissingError, PluginLoadError, ConfigError: as `Host.sink_spec` does.
    """
    called = label or f"the settings of sink `{name}`"
    given = Table.given({**said, "type": type_}, label=called, folder=invocation.folder)
    table = sink_table(name, given, CopySection)
    spec = host.sink_spec(type_, table.settings)
    written = written_settings(spec)
    common = {key: getattr(table, key) for key in CopySection.__struct_fields__ if key in given.values}
    return NewSink(table, spec, {**common, **{key: written[key] for key in table.settings.values if key in written}})


def add_sink(new: NewSink, config: Config, host: Host, invocation: Invocation, *, is_tried: bool) -> TrialReport | None:
    """Find or ask for the credential, make the place, try it out if that is wanted, and write the table last.

    A credential that was kept for it is forgotten again where any of that fails, or the store is not fit.

    Raises:
        CredentialError, UsageError: there is no credential, and nobody who says it.
        TgVaultError: as `begin_copy` and `rewrite_config` do.
    """
    _check_alone(new, config, host)
    with ExitStack() as undo:
        credential = _credential(new, config, invocation, undo)
        make = partial(build, replace(new.spec, credential=credential))
        with closing(make()) as place, _told_how(credential, new, config, invocation), _looking(new, invocation):
            begin_copy(place, name=new.table.name)
        report = None
        if is_tried:
            report = tried_out(make, new.table.name, invocation)
            if not report.ok:
                return report
            with closing(make()) as place:
                check_no_mirror(_others(config, host, invocation), place, name=f"copy `{new.table.name}`")
        folder = config.file.parent.absolute()
        rewrite_config(config.file, lambda text: with_copy(text, new.table.name, new.settings, folder=folder))
        undo.pop_all()
        return report


def tried_out(make: Callable[[], Sink], name: str, invocation: Invocation) -> TrialReport:
    """Try out the store of a sink, and show how that is going; raises as `try_sink` does."""
    progress = invocation.progress()
    progress.phase(f"trying out {name}")

    def tell(trial: str) -> None:
        progress.title(f"trying out {name}: {trial}")

    try:
        return try_sink(make, name=name, now=datetime.now(UTC), clock=invocation.clock, tell=tell)
    finally:
        progress.title(f"tried out {name}")
        progress.done()


def _check_alone(new: NewSink, config: Config, host: Host) -> None:
    """Refuse a place that the vault or another copy has; what is wrong with a copy's own table is not told here."""
    called = f"copy `{new.table.name}`"
    check_apart(host.sink_spec(config.sink.type, config.sink.settings), new.spec, name=called)
    for copy in config.copies.values():
        try:
            spec = host.sink_spec(copy.type, copy.settings)
        except (ConfigError, PluginError):
            continue
        check_apart(spec, new.spec, of=f"copy `{copy.name}`", name=called)


def _others(config: Config, host: Host, invocation: Invocation) -> Mapping[str, Callable[[], Sink]]:
    places = SinkPlaces(config, host=host, environment=invocation.environment)
    return {name: partial(places.make, name) for name in places.names}


def _credential(new: NewSink, config: Config, invocation: Invocation, undo: ExitStack) -> Credential | None:
    search = credential_search(new.table, config, new.spec, environment=invocation.environment)
    if search is None:
        return None
    found = search.look()
    if found is not None:
        return found.credential
    store = store_to_ask_for(search, invocation)
    if store is None:
        return Credential({})
    credential = ask_credential(new.spec, search, invocation)
    if credential:
        store.set(credential)
        undo.callback(store.delete)
    return credential


@contextmanager
def _looking(new: NewSink, invocation: Invocation) -> Iterator[None]:
    """Show what is waited for: a store that does not answer is given up after a while only."""
    progress = invocation.progress()
    progress.phase(f"looking at {new.table.name}")
    try:
        yield
    finally:
        progress.done()


@contextmanager
def _told_how(credential: Credential | None, new: NewSink, config: Config, invocation: Invocation) -> Iterator[None]:
    """Where a store refuses, say what to do about it here: `tgvault sink login` knows only what stands in `vault.toml`.

    A store that may do without a credential may want one all the same from who has said none.
    """
    try:
        yield
    except SinkPermissionError as error:
        search = credential_search(new.table, config, new.spec, environment=invocation.environment)
        if search is None:
            raise
        way = "nothing was kept: see that the credential is right, and what it may do there, then run this again"
        hint = way if credential else f"it may want to know who comes: {search.ways()}"
        raise SinkPermissionError(str(error), hint=hint) from error


def check_name(name: str, config: Config) -> None:
    """Make sure that a new copy may be called so.

    Raises:
        ConfigError: there is one of that name, or no copy can be called so.
    """
    if name == PRIMARY or not _NAME.fullmatch(name):
        raise ConfigError(
            f"no copy can be called `{name}`", hint="use letters, digits, dashes and underlines; `primary` is taken"
        )
    if name in config.copies:
        raise ConfigError(
            f"there is a copy `{name}` in `{config.file}` already",
            hint=f"take another name, or take that one out with `tgvault sink remove {name}`",
        )
