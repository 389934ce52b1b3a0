"""What a command needs of the world, found as the options of every command say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tgvault.cli.asking import ask_secret
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.config.config import Config, load_config
from tgvault.config.find import FILE_NAME, VARIABLE, find_config, user_config_folder
from tgvault.contracts.sink import Sink
from tgvault.engine.sinks import sink_spec
from tgvault.errors import ConfigError
from tgvault.host.discovery import allow_list
from tgvault.host.host import Host
from tgvault.host.spec import build

__all__ = [
    "Place",
    "find_configuration",
    "make_host",
    "make_host_for_new_vault",
    "make_host_without_vault",
    "place",
    "said_passphrase",
    "show_problems",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration, the plugins it allows, and the sink it names. Nothing is unlocked."""

    config: Config
    host: Host
    sink: Sink


@contextmanager
def place(invocation: Invocation) -> Iterator[Place]:
    """Find the vault's place and let go of it at the end.

    Raises:
        ConfigError: there is no configuration, or it has a mistake.
        PluginError: the sink's plugin is missing or broken.
        CredentialError: the sink wants a credential, and there is none.
    """
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    sink = build(sink_spec(config.sink, config, host=host, environment=invocation.environment))
    try:
        yield Place(config, host, sink)
    finally:
        sink.close()


def find_configuration(invocation: Invocation) -> Config:
    """Find and read the `vault.toml` of this run.

    Raises:
        ConfigError: there is none, or it has a mistake, or it would run a command and nobody named it.
    """
    named = invocation.options.vault
    config = load_config(find_config(named, environ=invocation.environment, here=invocation.folder))
    if named is None and not invocation.environment.get(VARIABLE):
        _check_own(config)
    return config


def _check_own(config: Config) -> None:
    # Whoever makes a folder for somebody, an export for instance, can put a `vault.toml` into it.
    file, command = config.file, _command_in(config)
    if command is not None and file.parent.absolute() != user_config_folder().absolute():
        raise ConfigError(
            f"`{file}` has a {command}, and was found only because it lies in the current folder",
            hint=f"if it is yours, say so: `--vault {FILE_NAME}`, or set `${VARIABLE}`",
        )


def _command_in(config: Config) -> str | None:
    """Say what of the configuration is a command that would be run."""
    if config.key.command is not None:
        return "key command"
    sinks = (config.sink, *config.copies.values())
    return "credential command" if any(each.credential_command is not None for each in sinks) else None


def said_passphrase(invocation: Invocation) -> str | None:
    """Ask for the passphrase of a slot if the vault is to be unlocked with one."""
    return ask_secret(invocation, "Passphrase") if invocation.options.passphrase else None


def make_host(invocation: Invocation, config: Config) -> Host:
    """Make the host of the plugins that the options, the environment and the configuration allow."""
    return _host(invocation, config.plugins.allow)


def make_host_without_vault(invocation: Invocation) -> Host:
    """Make a host where no configuration may be there yet; one that is there and was not named may be broken, too."""
    try:
        return make_host(invocation, find_configuration(invocation))
    except ConfigError:
        if invocation.options.vault is not None:
            raise
        return make_host_for_new_vault(invocation)


def make_host_for_new_vault(invocation: Invocation) -> Host:
    """Make a host where there is no configuration and none is wanted."""
    return _host(invocation, None)


def show_problems(host: Host, output: Output) -> None:
    """Say what was wrong with plugins that were loaded on the way."""
    for problem in host.problems():
        output.warn(f"warning: plugin `{problem.name}` of `{problem.distribution}`: {problem.error}")


def _host(invocation: Invocation, configured: tuple[str, ...] | None) -> Host:
    no_plugins = bool(invocation.options.no_plugins)
    return Host(allow=allow_list(invocation.environment, no_plugins=no_plugins, configured=configured))
