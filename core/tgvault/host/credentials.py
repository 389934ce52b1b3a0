"""What the store of a sink wants to know, as the sink tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import msgspec

from tgvault.config.table import Table
from tgvault.contracts.credentials import Credentialed, CredentialField
from tgvault.contracts.sink import Sink
from tgvault.errors import ConfigError, PluginError, TgVaultError
from tgvault.host.spec import PluginSpec, build, class_of

__all__ = ["credential_fields", "misplaced_credential"]


def credential_fields(spec: PluginSpec[Sink]) -> Sequence[CredentialField]:
    """Tell what the store of a sink wants to know; its store is not touched.

    Raises:
        PluginLoadError, PluginError: as `build` does, or the sink does not tell it.
    """
    if not issubclass(class_of(spec), Credentialed):
        return ()
    with closing(build(spec)) as sink:
        assert isinstance(sink, Credentialed)
        try:
            return tuple(sink.credential_fields())
        except TgVaultError:
            raise
        except Exception as exc:  # the border to other people's code
            raise PluginError(
                f"sink `{spec.type}` does not tell what it wants to know ({type(exc).__name__})",
                hint="tell the plugin's author",
            ) from exc


def misplaced_credential(
    settings: Table, config: type[msgspec.Struct], spec_of: Callable[[Table], PluginSpec[Sink]]
) -> ConfigError | None:
    """Make the error for a part of the credential among the settings of a sink; None where that is not their mistake.

    What the store wants to know is asked of a sink that is made without the keys that no setting has.
    """
    known = {each.encode_name for each in msgspec.structs.fields(config)}
    unknown = [key for key in settings.values if key not in known]
    if not unknown:
        return None
    try:
        names = {each.name for each in credential_fields(spec_of(settings.without(unknown)))}
    except TgVaultError:
        return None
    for key in unknown:
        if (name := key.lower().replace("_", "-")) in names:
            return settings.mistake(
                (key,),
                "that is a part of the credential, and no setting",
                hint=f"take it out: `tgvault sink add NAME TYPE` and `tgvault sink login NAME` ask for `{name}`;"
                " docs/guides/copies.md tells the other ways",
            )
    return None
