"""Asking somebody for a sink's credential, and keeping it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress

from tgvault.cli.asking import TRIES, ask, can_ask, hidden_answer, read_answer
from tgvault.cli.conversation import Talk
from tgvault.cli.invocation import Invocation
from tgvault.cli.safe import safe_line
from tgvault.config.config import Config, SinkTable
from tgvault.contracts.credentials import Authorizing, Credential, CredentialField
from tgvault.contracts.sink import Sink
from tgvault.engine.credentials import CredentialSearch
from tgvault.engine.sinks import credential_name
from tgvault.errors import AccessError, ConfigError, CredentialError, PluginError, UsageError
from tgvault.host.credentials import credential_fields
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.keys.credentials import CredentialStore

__all__ = ["ask_credential", "forget_credential", "open_store", "store_to_ask_for"]


def open_store(search: CredentialSearch) -> CredentialStore:
    """Give the keyring's place for a credential, once it is known to answer: nobody is asked in vain.

    Raises:
        CredentialError: the keyring does not answer; the hint says the other ways.
        ConfigError: nothing says which vault's credential it is.
    """
    if search.name is None:
        raise ConfigError(
            f"nothing says what the credential of sink `{search.sink}` is to be called in the OS keyring",
            hint="write the `id` that `tgvault status` shows into `[vault]`, or give the sink a `credential`",
        )
    store = search.keyring(search.name)
    try:
        # What is there and is no credential is about to be replaced.
        with suppress(CredentialError):
            store.get()
    except AccessError as error:
        raise search.not_kept(error) from error
    return store


def store_to_ask_for(search: CredentialSearch, invocation: Invocation) -> CredentialStore | None:
    """Give the keyring's place for a credential that is nowhere yet and should be asked for.

    None where the store does without one: then only somebody at a terminal is asked, and only if it can be kept.

    Raises:
        CredentialError, ConfigError: as `open_store` does, for a credential that has to be there.
    """
    if search.required:
        return open_store(search)
    if can_ask(invocation):
        with suppress(CredentialError, ConfigError):
            return open_store(search)
    return None


def ask_credential(spec: PluginSpec[Sink], search: CredentialSearch, invocation: Invocation) -> Credential:
    """Have the person say the credential of a sink, or agree in a browser; nothing of it is kept.

    Where there is nobody to be asked, each field is a line of standard input, in their order.

    Raises:
        UsageError: a field that has to be there is not given.
        SinkPermissionError, SinkUnavailableError: as `Authorizing.authorize` does.
    """
    with closing(build(spec)) as sink:
        if isinstance(sink, Authorizing):
            return _checked(dict(sink.authorize(Talk(invocation))), search)
    if can_ask(invocation):
        invocation.output.warn(f"What sink `{search.sink}` wants to know:")
    answers = {each.name: _asked(each, search, invocation) for each in search.fields}
    return Credential({name: answer for name, answer in answers.items() if answer})


def forget_credential(table: SinkTable, config: Config, host: Host, invocation: Invocation) -> str | None:
    """Take the credential of a sink out of the keyring; gives its name where it was there.

    One that has a name of its own stays: other sinks, and other vaults, may use it. What cannot be forgotten is told,
    and ends nothing.
    """
    name = credential_name(table, config)
    others = {credential_name(each, config) for each in config.sinks.values() if each.name != table.name}
    if table.credential is not None:
        invocation.output.note(f"The keyring keeps the credential {table.credential}, which other sinks may use.")
    if name is None or name in {*others, table.credential} or not _may_have_one(table, host):
        return None
    store = CredentialStore(name)
    try:
        is_there = store.get() is not None
        store.delete()
    except (AccessError, CredentialError) as error:
        invocation.output.warn(f"warning: the credential `{name}` may still be in the OS keyring: {error}")
        return None
    return name if is_there else None


def _may_have_one(table: SinkTable, host: Host) -> bool:
    if table.credential_command is not None:
        return False
    try:
        return bool(credential_fields(host.sink_spec(table.type, table.settings)))
    except (ConfigError, PluginError):
        # A sink that cannot be made any more may have had one.
        return True


def _checked(values: Mapping[str, str], search: CredentialSearch) -> Credential:
    known = {each.name: values[each.name] for each in search.fields if values.get(each.name)}
    if not known.keys() >= set(search.required):
        raise PluginError(
            f"sink `{search.sink}` did not come by all that it wants to know", hint="tell the plugin's author"
        )
    return Credential(known)


def _asked(field: CredentialField, search: CredentialSearch, invocation: Invocation) -> str:
    """Ask for one field; one that need not be there may be left empty."""
    if not can_ask(invocation):
        answer = read_answer(invocation)
        if not answer and field.required:
            raise UsageError(
                f"standard input has no `{field.name}` for sink `{search.sink}`", hint=_in_order(search.fields)
            )
        return answer
    question = safe_line(f"  {field.name}, {field.description}" + ("" if field.required else " (enter for none)"))
    for _ in range(TRIES):
        answer = hidden_answer(invocation, question) if field.secret else ask(invocation, question)
        if answer or not field.required:
            return answer
        invocation.output.warn("Nothing was given.")
    raise UsageError(f"nothing was given, {TRIES} times: `{field.name}`", hint="run the command again")


def _in_order(fields: Sequence[CredentialField]) -> str:
    lines = ", ".join(f"`{each.name}`" + ("" if each.required else " or an empty one") for each in fields)
    return f"run the command in a terminal, or write a line for each of them, in this order: {lines}"
