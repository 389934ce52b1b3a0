"""Looking whether a source could be read, without reading it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from tgvault.config.config import SourceTable
from tgvault.contracts.login import SigningIn
from tgvault.engine.attaching import Attachment, attach
from tgvault.engine.progress import NullProgress
from tgvault.host.host import Host
from tgvault.host.spec import build
from tgvault.vault.opened import Vault

__all__ = ["look_at_source"]


def look_at_source(table: SourceTable, vault: Vault, folder: Path, *, host: Host, now: Callable[[], datetime]) -> str:
    """Make a source, and ask it whose account it reads if it reads one; gives what came of it, a clause.

    `folder` is that of the local state.

    Raises:
        ConfigError, PluginError: it cannot be made from its settings.
        SourceError: nobody is logged in, or the account cannot be reached.
    """
    source = build(host.source_spec(table.type, table.settings))
    attachment = Attachment(
        vault, folder, source=table.name, archive=table.archive, line=(), progress=NullProgress(), now=now
    )
    with closing(source), closing(attachment):
        attach(source, attachment)
        if not isinstance(source, SigningIn):
            return f"of type `{table.type}`; its settings are right"
        return f"logged in to account {source.whoami().id}"
