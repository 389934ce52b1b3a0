"""What `doctor` looks at in the places of the vault and of its copies."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from tgvault.config.config import Config, SinkTable
from tgvault.contracts.sink import Sink
from tgvault.engine.machine_checks import Check, failed
from tgvault.engine.sinks import found_spec
from tgvault.errors import NotAVaultError, SinkWaitingError, TgVaultError
from tgvault.host.host import Host
from tgvault.host.spec import build
from tgvault.vault.header import read_header

__all__ = ["FoundSink", "check_copy", "look_at_sink"]


@dataclass(frozen=True, slots=True)
class FoundSink:
    """A sink that could be made, and what is to be told of it."""

    sink: Sink
    words: str


def look_at_sink(table: SinkTable, config: Config, *, host: Host, environment: Mapping[str, str]) -> FoundSink:
    """Make a sink; raises as `sink_spec` and `build` do."""
    spec, origin = found_spec(table, config, host=host, environment=environment)
    credential = f", its credential from {origin}" if origin is not None else ""
    return FoundSink(build(spec), f"of type `{table.type}`{credential}")


def check_copy(table: SinkTable, config: Config, *, host: Host, environment: Mapping[str, str]) -> Check:
    """See whether a copy can be made, reached, and is one of the vault; a disk that is not plugged in is no fault."""
    name = f"copy {table.name}"
    try:
        found = look_at_sink(table, config, host=host, environment=environment)
        with closing(found.sink) as sink:
            header = read_header(sink)
    except SinkWaitingError as error:
        return Check(name=name, ok=True, detail=f"waiting: {error}", hint=error.hint)
    except NotAVaultError:
        begin = f"begin it with `tgvault sync {table.name} --init`, or see whether it leads to the right place"
        return Check(name=name, ok=False, detail="no copy of the vault is at its place", hint=begin)
    except (TgVaultError, OSError) as error:
        return failed(name, error)
    if config.vault.id not in (None, header.vault_id):
        other = f"there is another vault at its place, `{header.vault_id}`"
        return Check(name=name, ok=False, detail=other, hint="see whether it leads to the right place")
    return Check(name=name, ok=True, detail=found.words)
