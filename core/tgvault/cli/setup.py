"""Making a vault, its keys and its `vault.toml` from what a person said or answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tgvault.cli.first_credential import first_credential
from tgvault.cli.invocation import Invocation
from tgvault.cli.sink_add import given_settings, new_sink
from tgvault.cli.world import make_host_for_new_vault
from tgvault.config.config import PRIMARY, Config, SinkTable
from tgvault.config.find import FILE_NAME, VARIABLE, user_config_folder
from tgvault.config.sections import KeySection
from tgvault.config.table import spelled
from tgvault.config.write import Settings, config_text, write_config
from tgvault.contracts.sink import Sink
from tgvault.engine.first_keys import DeviceKey, GivenKey, KeyringKey, KitOrder, VaultWithKit, create_with_kit
from tgvault.engine.sink_info import place_of, public_settings
from tgvault.errors import ConfigError
from tgvault.host.credentials import credential_fields
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.keys.identity_file import read_or_make_identity
from tgvault.keys.sources import run_key_command
from tgvault.vault.bundle import KeyBundle

__all__ = ["Wish", "kit_order", "new_config_file", "set_up"]

#: A file whose folder holds nothing, so that all paths in its text are absolute: the kit's lines are for any machine.
_ELSEWHERE = Path("/nowhere", FILE_NAME)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new vault is to be; all paths are absolute. With no key file or command the key goes to the keyring."""

    config: Path
    sink: str
    #: Of the sink, as they were said: text, or absolute paths.
    settings: Settings = field(repr=False)
    kit: Path
    key_file: Path | None = None
    #: May hold a secret in its arguments.
    key_command: str | None = field(default=None, repr=False)
    state: Path | None = None
    sources: Mapping[str, Settings] | None = None


def new_config_file(invocation: Invocation) -> Path:
    """Say where the `vault.toml` of a new vault goes: as `--vault` or `$TGVAULT_VAULT` say, else to the user's own.

    Raises:
        ConfigError: there is one already.
    """
    said = invocation.options.vault or invocation.environment.get(VARIABLE)
    path = invocation.folder / Path(said).expanduser() if said else user_config_folder() / FILE_NAME
    file = path / FILE_NAME if path.is_dir() else path
    if file.exists():
        raise ConfigError(
            f"`{file}` is there already", hint="name another file with `--vault PATH`, or move that one away"
        )
    return file


def kit_order(path: Path, config: Config, host: Host) -> KitOrder:
    """Order another recovery kit for the vault of a configuration, which names its copies, too.

    Raises:
        PluginMissingError, PluginLoadError, ConfigError: as `Host.sink_spec` does for any of the sinks.
    """
    specs = {name: host.sink_spec(table.type, table.settings) for name, table in config.sinks.items()}
    return _order(path, config.sinks, specs)


def set_up(wish: Wish, invocation: Invocation, *, now: Callable[[], datetime]) -> VaultWithKit:
    """Make the vault, prove that its kit opens it, and write the configuration last.

    Raises:
        VaultExistsError, NotAVaultError, KeyringLockedError and others: see `create_with_kit`.
        ConfigError: the settings have a mistake, or the configuration cannot be written.
    """
    host = make_host_for_new_vault(invocation)
    said = given_settings(wish.sink, wish.settings, host, invocation)
    new = new_sink(PRIMARY, wish.sink, said, host, invocation, label=f"the options of sink `{wish.sink}`")
    first = first_credential(new, invocation)
    device = first.kept_with(_device_key(wish, invocation, now))
    with closing(build(replace(new.spec, credential=first.credential))) as sink:
        made = create_with_kit(
            sink, device=device, order=_order(wish.kit, {PRIMARY: new.table}, {PRIMARY: new.spec}), clock=now
        )
    write_config(wish.config, _text(wish, new.settings, made.created.bundle))
    return made


def _device_key(wish: Wish, invocation: Invocation, now: Callable[[], datetime]) -> DeviceKey:
    if wish.key_file is not None:
        identity, notices = read_or_make_identity(wish.key_file, what_for="opens a tgvault vault", created=now())
        for notice in notices:
            invocation.output.warn(notice)
        return GivenKey(identity)
    if wish.key_command is not None:
        return GivenKey(run_key_command(wish.key_command).identities[0])
    return KeyringKey()


def _text(wish: Wish, settings: Settings, keys: KeyBundle) -> str:
    return config_text(
        wish.config,
        sink=wish.sink,
        sink_settings=settings,
        vault_id=keys.vault_id,
        fingerprint=keys.fingerprint,
        key=KeySection(file=wish.key_file, command=wish.key_command),
        state=wish.state,
        sources=wish.sources,
    )


def _order(path: Path, tables: Mapping[str, SinkTable], specs: Mapping[str, PluginSpec[Sink]]) -> KitOrder:
    # Whoever finds the kit is not to get secrets of the store, too; somebody else's plugin may have some there.
    shown = {name: _shown(table, specs[name]) for name, table in tables.items()}
    wanted = {name: [each.name for each in credential_fields(spec) if each.required] for name, spec in specs.items()}
    place = _place(tables[PRIMARY], specs[PRIMARY])
    return KitOrder(path, place, lambda keys: _kit_text(keys, tables[PRIMARY].type, shown, wanted))


def _shown(table: SinkTable, spec: PluginSpec[Sink]) -> Settings:
    """What another machine has to know of a sink; what gives a credential on this one does so nowhere else."""
    said = {} if table.name == PRIMARY else {"type": table.type}
    where = {"offsite": table.offsite, "medium": table.medium}
    return {
        **said,
        **{key: value for key, value in where.items() if value is not None},
        **public_settings(table, spec),
    }


def _place(table: SinkTable, spec: PluginSpec[Sink]) -> str:
    return f"{_KINDS.get(table.type, f'{table.type}:')} {place_of(table, spec)}"


_KINDS = {"local": "folder", "external-disk": "disk,"}


def _kit_text(keys: KeyBundle, sink: str, shown: Mapping[str, Settings], wanted: Mapping[str, Sequence[str]]) -> str:
    # On another machine the kit is the key.
    text = config_text(
        _ELSEWHERE,
        sink=sink,
        sink_settings=shown[PRIMARY],
        vault_id=keys.vault_id,
        fingerprint=keys.fingerprint,
        key=KeySection(),
        copies={name: settings for name, settings in shown.items() if name != PRIMARY},
    )
    asked = [
        f"# The store{'' if name == PRIMARY else f' of copy {spelled((name,))}'} will want to know {', '.join(names)};"
        f" `tgvault sink login {spelled((name,))}` asks for that.\n"
        for name, names in wanted.items()
        if names
    ]
    return "\n".join([text, "".join(asked)]) if asked else text
