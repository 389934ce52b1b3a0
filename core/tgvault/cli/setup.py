"""Making a vault, its keys and its `vault.toml` from what a person said or answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tgvault.cli.invocation import Invocation
from tgvault.cli.world import make_host_for_new_vault
from tgvault.config.config import Config
from tgvault.config.find import FILE_NAME, VARIABLE, user_config_folder
from tgvault.config.sections import KeySection
from tgvault.config.table import Table
from tgvault.config.write import Settings, config_text, write_config
from tgvault.contracts.sink import Sink
from tgvault.engine.first_keys import DeviceKey, GivenKey, KeyringKey, KitOrder, VaultWithKit, create_with_kit
from tgvault.errors import ConfigError
from tgvault.host.spec import PluginSpec, build, written_settings
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
    settings: Settings
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


def kit_order(path: Path, config: Config) -> KitOrder:
    """Order another recovery kit for the vault of a configuration."""
    settings = config.sink.settings
    said = {"path": settings.folder / Path(str(settings.values.get("path"))).expanduser()}
    return _order(path, config.sink.type, said)


def set_up(wish: Wish, invocation: Invocation, *, now: Callable[[], datetime]) -> VaultWithKit:
    """Make the vault, prove that its kit opens it, and write the configuration last.

    Raises:
        VaultExistsError, NotAVaultError, KeyringLockedError and others: see `create_with_kit`.
        ConfigError: the settings have a mistake, or the configuration cannot be written.
    """
    host = make_host_for_new_vault(invocation)
    table = Table.given(wish.settings, label=f"the options of sink `{wish.sink}`", folder=invocation.folder)
    spec = host.sink_spec(wish.sink, table)
    wish = replace(wish, settings=_as_configured(spec, wish.settings))
    sink = build(spec)
    try:
        order = _order(wish.kit, wish.sink, wish.settings)
        made = create_with_kit(sink, device=_device_key(wish, invocation, now), order=order, clock=now)
    finally:
        sink.close()
    write_config(wish.config, _text(wish, made.created.bundle))
    return made


def _as_configured(spec: PluginSpec[Sink], said: Settings) -> Settings:
    """Give what was said, which was text, the types that the sink's configuration has; its defaults stay unsaid."""
    written = written_settings(spec)
    return {key: written[key] for key in said if key in written}


def _device_key(wish: Wish, invocation: Invocation, now: Callable[[], datetime]) -> DeviceKey:
    if wish.key_file is not None:
        identity, notices = read_or_make_identity(wish.key_file, what_for="opens a tgvault vault", created=now())
        for notice in notices:
            invocation.output.warn(notice)
        return GivenKey(identity)
    if wish.key_command is not None:
        return GivenKey(run_key_command(wish.key_command).identities[0])
    return KeyringKey()


def _text(wish: Wish, keys: KeyBundle) -> str:
    return config_text(
        wish.config,
        sink=wish.sink,
        sink_settings=wish.settings,
        vault_id=keys.vault_id,
        fingerprint=keys.fingerprint,
        key=KeySection(file=wish.key_file, command=wish.key_command),
        state=wish.state,
        sources=wish.sources,
    )


def _order(path: Path, sink: str, settings: Settings) -> KitOrder:
    # Settings of other sinks may hold secrets of theirs, and whoever finds the kit is not to get those, too.
    shown = settings if sink in ("local", "external-disk", "sftp") else {}
    return KitOrder(path, _place(sink, settings), lambda keys: _kit_text(keys, sink, shown))


def _place(sink: str, settings: Settings) -> str:
    if sink == "local":
        return f"folder {settings['path']}"
    if sink == "external-disk":
        return f"disk {settings.get('label') or settings.get('volume')}"
    if sink == "sftp":
        return f"server {settings['host']}"
    return f"a sink of type {sink}"


def _kit_text(keys: KeyBundle, sink: str, settings: Settings) -> str:
    # On another machine the kit is the key.
    return config_text(
        _ELSEWHERE,
        sink=sink,
        sink_settings=settings,
        vault_id=keys.vault_id,
        fingerprint=keys.fingerprint,
        key=KeySection(),
    )
