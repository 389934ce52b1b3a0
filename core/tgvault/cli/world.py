"""What a command needs of the world, found as the options of every command say."""

from __future__ import annotations

from tgvault.cli.invocation import Invocation
from tgvault.config.config import Config, load_config
from tgvault.config.find import find_config
from tgvault.errors import ConfigError
from tgvault.host.discovery import allow_list
from tgvault.host.host import Host

__all__ = ["find_configuration", "make_host", "make_host_without_vault"]


def find_configuration(invocation: Invocation) -> Config:
    """Find and read the `vault.toml` of this run.

    Raises:
        ConfigError: there is none, or it has a mistake.
    """
    named = invocation.options.vault
    return load_config(find_config(named, environ=invocation.environment, here=invocation.folder))


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
        return _host(invocation, None)


def _host(invocation: Invocation, configured: tuple[str, ...] | None) -> Host:
    no_plugins = bool(invocation.options.no_plugins)
    return Host(allow=allow_list(invocation.environment, no_plugins=no_plugins, configured=configured))
