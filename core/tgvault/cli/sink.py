"""`tgvault sink add | login | list | test | remove`."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.credential import ask_credential, forget_credential, open_store
from tgvault.cli.invocation import Invocation
from tgvault.cli.sink_add import add_sink, check_name, given_settings, new_sink, said_settings, tried_out
from tgvault.cli.sink_words import (
    AddedSink,
    KeptCredential,
    RemovedSink,
    SinkList,
    TrialReports,
    added_in_words,
    kept_in_words,
    removed_in_words,
    sinks_in_words,
    trials_in_words,
)
from tgvault.cli.world import find_configuration, make_host, show_problems
from tgvault.config.config import PRIMARY, Config, SinkTable
from tgvault.config.edit import rewrite_config, without_copy
from tgvault.contracts.sink import Sink
from tgvault.engine.credentials import CredentialSearch
from tgvault.engine.sink_info import place_of, sink_info
from tgvault.engine.sinks import credential_search, sink_spec
from tgvault.engine.trying import Trial, TrialReport
from tgvault.errors import AccessError, ConfigError, PluginError, SinkError, UsageError
from tgvault.host.credentials import credential_fields
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build

__all__ = ["app"]

app = new_app()

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="`primary`, or the name of a copy in `vault.toml`")]

#: What may be wrong with one sink, and concerns no other.
_OF_A_SINK = (AccessError, ConfigError, PluginError, SinkError, UsageError)


@app.callback()
def sink() -> None:
    """Say where the vault and its copies are kept, and try a store out"""


@app.command(cls=VaultCommand)
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the new copy is to be called")],
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="What keeps it; `tgvault plugin list` lists")],
    settings: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Its settings")] = None,
    no_test: Annotated[bool, typer.Option("--no-test", help="Write it down without trying it out")] = False,
) -> None:
    """Add a copy to `vault.toml`, once it is known to work

    Settings that are lacking and the credential are asked for. Nothing is written unless the store does what a vault
    needs.
    """
    invocation: Invocation = context.obj
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    check_name(name, config)
    said = given_settings(type_, said_settings(settings or (), how="KEY=VALUE"), host, invocation)
    new = new_sink(name, type_, said, host, invocation)
    report = add_sink(new, config, host, invocation, is_tried=not no_test)
    show_problems(host, invocation.output)
    is_added = report is None or report.ok
    invocation.output.show(AddedSink(name, is_added, place_of(new.table, new.spec), report), added_in_words)
    if report is not None and not report.ok:
        invocation.output.warn(f"nothing was written to `{config.file}`: the store does not do what a vault needs")
        raise typer.Exit(report.code)
    invocation.output.note(f"bring the vault there now: tgvault sync {name} --init")
    invocation.output.note("then make a recovery kit that names it, too: tgvault key export --kit FILE")


@app.command(cls=VaultCommand)
def login(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="`primary` or a copy; not needed where one only wants to know anything"),
    ] = None,
) -> None:
    """Say what the store of a sink wants to know of you, and keep it in the keyring of your desktop

    It is asked for, or read as lines of standard input; some clouds have you agree in a browser.
    """
    invocation: Invocation = context.obj
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    table = config.sink_named(name) if name is not None else _only_asking(config, host)
    spec = host.sink_spec(table.type, table.settings)
    search = _search(table, spec, config, invocation)
    store = open_store(search)
    credential = ask_credential(spec, search, invocation)
    if not credential:
        raise UsageError("nothing was given, and nothing is kept", hint="run the command again if there is something")
    store.set(credential)
    show_problems(host, invocation.output)
    invocation.output.show(KeptCredential(table.name, store.name), kept_in_words)
    origin = search.origin()
    if origin is not None and "$" in origin:
        invocation.output.warn(f"warning: what {origin} says goes before it")
    invocation.output.note(f"see whether the store takes it: tgvault sink test {table.name}")


def _only_asking(config: Config, host: Host) -> SinkTable:
    """Find the sink that wants a credential where one only does."""
    asking = [each for each in config.sinks.values() if credential_fields(host.sink_spec(each.type, each.settings))]
    if len(asking) != 1:
        names = ", ".join(f"`{each.name}`" for each in asking) or "none"
        raise UsageError("say which sink is meant", hint=f"those that want to know anything: {names}")
    return asking[0]


def _search(table: SinkTable, spec: PluginSpec[Sink], config: Config, invocation: Invocation) -> CredentialSearch:
    search = credential_search(table, config, spec, environment=invocation.environment)
    if search is None:
        raise UsageError(f"sink `{table.name}` of type `{table.type}` does not want to know anything")
    if search.command is not None:
        raise UsageError(
            f"sink `{table.name}` has a `credential_command`, which goes before the keyring",
            hint=f"take it out of `{config.file}` first",
        )
    return search


@app.command("list", cls=VaultCommand)
def list_(context: typer.Context) -> None:
    """List where the vault and its copies are kept, and where their credentials are. Needs no key"""
    invocation: Invocation = context.obj
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    tell = partial(sink_info, config=config, host=host, environment=invocation.environment)
    invocation.output.show(SinkList([tell(each) for each in config.sinks.values()]), sinks_in_words)
    show_problems(host, invocation.output)


@app.command("test", cls=VaultCommand)
def try_out(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="`primary` or names of copies; all if none is given")
    ] = None,
) -> None:
    """Try out on the store itself whether it does what a vault needs, and how fast it is. Needs no key

    It puts objects there that no vault uses, and takes them away again.
    """
    invocation: Invocation = context.obj
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    chosen = [config.sink_named(name) for name in dict.fromkeys(names or ())] or list(config.sinks.values())
    reports = [_try(each, config, host, invocation) for each in chosen]
    show_problems(host, invocation.output)
    invocation.output.show(TrialReports(reports), trials_in_words)
    if code := next((each.code for each in reports if not each.ok), 0):
        raise typer.Exit(code)


@app.command(cls=VaultCommand)
def remove(context: typer.Context, name: NameArgument) -> None:
    """Take a copy out of `vault.toml`, and its credential out of the keyring; its objects stay where they are"""
    invocation: Invocation = context.obj
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    if name == PRIMARY:
        raise UsageError("that is the vault's own sink", hint="to move the vault, let `[sink]` lead to a copy of it")
    table = config.copy(name)
    # Its plugin may be gone: a table that nobody can use is one to take out.
    place = None
    with suppress(ConfigError, PluginError):
        place = place_of(table, host.sink_spec(table.type, table.settings))
    rewrite_config(config.file, lambda text: without_copy(text, name))
    forgotten = forget_credential(table, config, host, invocation)
    invocation.output.show(RemovedSink(name, place, forgotten), removed_in_words)
    invocation.output.note("The objects that lie there were not touched: they are encrypted, and yours to delete.")


def _try(table: SinkTable, config: Config, host: Host, invocation: Invocation) -> TrialReport:
    try:
        make = partial(build, sink_spec(table, config, host=host, environment=invocation.environment))
        return tried_out(make, table.name, invocation)
    except _OF_A_SINK as error:
        failed = Trial(name="reach", ok=False, detail=str(error), hint=error.hint, code=error.exit_code)
        return TrialReport(sink=table.name, ok=False, trials=[failed], figures=None)
