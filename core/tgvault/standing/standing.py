"""How a vault stands altogether: its places are asked, all at once, and what is known of them is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated

from msgspec import Meta

from tgvault.config.config import PRIMARY, Config, SinkTable, SourceTable
from tgvault.contracts.sink import Sink
from tgvault.engine.asking import ask_all
from tgvault.engine.opening_anywhere import Reading, copy_database
from tgvault.engine.sink_info import Whereabouts, whereabouts
from tgvault.engine.sinks import sink_spec
from tgvault.engine.snapshot_info import utc
from tgvault.engine.status import Status, status
from tgvault.engine.verified import first_due, verified
from tgvault.errors import TgVaultError
from tgvault.host.host import Host
from tgvault.host.spec import build
from tgvault.retention.duration import Duration
from tgvault.standing.due import ConfiguredSource, Due, due_copies, due_sources, due_verifications
from tgvault.standing.rule import Rule, look_at_rule
from tgvault.standing.sinks import Contents, Known, SinkState, SinkStatus, describe_place, read_contents
from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.state.syncs import Syncs
from tgvault.vault.opened import Snapshot

__all__ = ["PATIENCE", "Standing", "look_at_standing"]

#: Seconds that all places together have for their answers: who looks at a terminal waits no longer.
PATIENCE = 10.0


class Standing(Status, frozen=True, kw_only=True):
    """How a vault stands altogether."""

    sinks: Annotated[list[SinkStatus], Meta(description="Its places, its own first.")]
    configured: Annotated[list[ConfiguredSource], Meta(description="The sources of `vault.toml`.")]
    period: Annotated[str, Meta(description="How often all data is to be verified: `30d`.")]
    rule: Annotated[Rule, Meta(description="Whether 3-2-1 is met.")]
    due: Annotated[list[Due], Meta(description="What is due; empty where nothing is.")]

    @property
    def is_well(self) -> bool:
        """Whether nothing is due and 3-2-1 is met."""
        return self.rule.met and not self.due


def look_at_standing(
    reading: Reading,
    config: Config,
    *,
    host: Host,
    environment: Mapping[str, str],
    now: datetime,
    patience: float = PATIENCE,
) -> Standing:
    """Ask all places what they have, and see what is due; `now` is aware. What is wrong with a copy fails nothing.

    Raises:
        SinkError: the place that the vault is read from cannot be listed.
    """
    vault, since = reading.opened.vault, Duration.parse(config.verify.every).before(now)
    base = status(vault, reading.snapshots, now=now, since=since, memory=reading.memory)
    with ExitStack() as stack:
        look = _Look(reading, config, host, environment, now, stack)
        sinks = look.sinks(patience)
        sources = [_configured(table, reading.snapshots, now) for table in config.sources.values()]
        due = [
            *due_sources(sources, now=now),
            *due_copies(sinks, config.sinks, now=now),
            *due_verifications(look.waiting(), sinks, config.verify, now=now),
        ]
    told = {name: getattr(base, name) for name in base.__struct_fields__}
    return Standing(
        **told, sinks=sinks, configured=sources, period=config.verify.every, rule=look_at_rule(sinks), due=due
    )


@dataclass(slots=True)
class _Look:
    reading: Reading
    config: Config
    host: Host
    environment: Mapping[str, str]
    now: datetime
    stack: ExitStack
    memories: dict[str, Memory] = field(default_factory=dict)

    def sinks(self, patience: float) -> list[SinkStatus]:
        """Ask the places, and describe each."""
        tables = self.config.sinks
        wanted = sorted(each.name for each in self.reading.snapshots)
        vault = self.reading.opened.vault
        asked = {name: table for name, table in tables.items() if self._is_asked(name)}
        questions = {name: partial(read_contents, self._maker(table)) for name, table in asked.items()}
        answers = ask_all(questions, seconds=patience) | self._known_of_primary()
        found = [
            describe_place(self._known(table), answers.get(name), wanted, vault_id=vault.keys.vault_id)
            for name, table in tables.items()
        ]
        for each in found:
            if each.name != PRIMARY and each.state is SinkState.WHOLE and not self._is_away:
                # Who brought it up to date may have had no key to remember it with; it may be away the next time.
                self.reading.memory.note_synced(each.name, time=self.now)
        return found

    def waiting(self) -> dict[str, datetime | None]:
        """Tell since when data in each place waits to be verified, where that is to be done."""
        packs = list(self.reading.opened.vault.places.packs())
        names = self.config.sinks if self.config.verify.copies else [PRIMARY]
        return {name: first_due(packs, self._memory(name, make=True), now=self.now) for name in names}

    @property
    def _is_away(self) -> bool:
        """Whether nobody can say what the vault's own place has."""
        return self.reading.instead is not None and self.reading.instead.is_away

    def _is_asked(self, name: str) -> bool:
        return name != PRIMARY or (self.reading.instead is not None and not self._is_away)

    def _known_of_primary(self) -> dict[str, Contents | TgVaultError]:
        """Say what opening the vault has told of its own place already."""
        instead = self.reading.instead
        if instead is None:
            names = frozenset(each.name for each in self.reading.snapshots)
            return {PRIMARY: Contents(self.reading.opened.vault.keys.vault_id, names)}
        return {PRIMARY: instead.reason} if instead.is_away else {}

    def _maker(self, table: SinkTable) -> Callable[[], Sink]:
        def make() -> Sink:
            return build(sink_spec(table, self.config, host=self.host, environment=self.environment))

        return make

    def _known(self, table: SinkTable) -> Known:
        packs = self.reading.opened.vault.places.packs()
        since = Duration.parse(self.config.verify.every).before(self.now)
        summed = verified(packs, self._memory(table.name, make=False), since=since)
        is_primary = table.name == PRIMARY
        # A backup wrote to it, so it was there.
        synced = self._last_written() if is_primary else self._last_synced(table.name)
        return Known(table.name, table.type, self._where(table), synced, summed)

    def _last_synced(self, copy: str) -> datetime | None:
        opened = self.reading.opened
        return Syncs(opened.state, opened.vault.keys.vault_id).last(copy, self.reading.memory)

    def _last_written(self) -> datetime | None:
        times = [utc(each.manifest.time) for each in self.reading.snapshots]
        return max(times, default=None)

    def _where(self, table: SinkTable) -> Whereabouts | None:
        try:
            return whereabouts(table, self.host.sink_spec(table.type, table.settings))
        except TgVaultError:
            # Asking it tells what is wrong.
            return None

    def _memory(self, name: str, *, make: bool) -> Memory:
        """Give what knows of the verification of a place; an empty one where nothing does, unless it is to be made."""
        if name == PRIMARY:
            return self.reading.memory
        if name not in self.memories:
            keys = self.reading.opened.vault.keys
            path = copy_database(self.reading.opened.state, keys, name)
            if not make and not path.exists():
                return Memory(self._opened(Database.in_memory()))
            self.memories[name] = Memory(self._opened(Database.open(path, key=keys.id_key.state_key())))
        return self.memories[name]

    def _opened(self, database: Database) -> Database:
        self.stack.callback(database.close)
        return database


def _configured(table: SourceTable, snapshots: Sequence[Snapshot], now: datetime) -> ConfiguredSource:
    manifests = [each.manifest for each in snapshots if each.manifest.archive == table.archive]
    last = max((utc(each.time) for each in manifests if each.source.type == table.type), default=None)
    return ConfiguredSource(
        name=table.name,
        type=table.type,
        archive=table.archive,
        last=last,
        age=(now - last).total_seconds() if last is not None else None,
        every=table.every,
    )
