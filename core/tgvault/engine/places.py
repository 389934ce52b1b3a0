"""The places of a vault that a configuration names, and unlocking it from the first that has what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tgvault.config.config import Config, SinkTable
from tgvault.contracts.sink import Sink
from tgvault.engine.anywhere import UNUSABLE, AnywhereSink, SinkPlace
from tgvault.engine.asking import ask_all
from tgvault.engine.sinks import sink_spec
from tgvault.errors import (
    AccessError,
    SinkError,
    SinkUnavailableError,
    TgVaultError,
    UnsupportedFormatError,
    VaultError,
    WrongKeyError,
)
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build, written_settings
from tgvault.keys.unlock import Unlocked, suspects
from tgvault.vault.header import HEADER, read_header
from tgvault.vault.manifests import manifest_names

__all__ = ["FoundKeys", "SinkPlaces", "unlock_anywhere"]

#: Seconds that the vault's own place has for its first answer where there are copies to read from: a store that takes
#: connections and says nothing is given up by its own sink after minutes.
PATIENCE = 20.0


class SinkPlaces:
    """The vault's own place and its copies, by name. What is said of a place is looked at when it is used."""

    def __init__(self, config: Config, *, host: Host, environment: Mapping[str, str]) -> None:
        self._config = config
        self._tables: dict[str, SinkTable] = {config.sink.name: config.sink, **config.copies}
        self._host = host
        self._environment = environment
        self.spec: Callable[[str], PluginSpec[Sink]] = cache(self._spec)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, the vault's own place first."""
        return tuple(self._tables)

    def listed(self, first: str | None = None) -> list[SinkPlace]:
        """Give them all, the one called `first` before the others."""
        names = sorted(self._tables, key=lambda name: first is not None and name != first)
        return [SinkPlace(name, partial(self.make, name)) for name in names]

    def make(self, name: str) -> Sink:
        """Make the sink of a place.

        Raises:
            TgVaultError: it cannot be used as it is configured; see `sink_spec`.
        """
        return build(self.spec(name))

    def for_workers(self, sink: AnywhereSink) -> Callable[[], Sink]:
        """Say how another process makes a sink that reads what this one reads: of one place, if that does."""
        if not sink.everywhere or len(sink.places) == 1:
            return partial(build, self.spec(sink.places[0].name))
        there = [each.name for each in sink.places if each.name not in sink.away]
        places = tuple(SinkPlace(name, partial(build, self.spec(name))) for name in there)
        return partial(AnywhereSink, places, everywhere=True)

    def folders(self) -> tuple[Path, ...]:
        """Name the folders that are the vault's or a copy's."""
        found: list[Path] = []
        for table in self._tables.values():
            try:
                settings = written_settings(self._host.sink_spec(table.type, table.settings))
            except TgVaultError:
                # Nothing is read from there, either; whoever uses it is told.
                continue
            found += [each for each in settings.values() if isinstance(each, Path)]
        return tuple(found)

    def _spec(self, name: str) -> PluginSpec[Sink]:
        return sink_spec(self._tables[name], self._config, host=self._host, environment=self._environment)


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """A vault's keys, the place that gave them, and why the first place did not."""

    unlocked: Unlocked
    place: SinkPlace
    failure: TgVaultError | None = None


def unlock_anywhere(
    sink: AnywhereSink, unlock: Callable[[Sink], Unlocked], *, patience: float | None = PATIENCE
) -> FoundKeys:
    """Unlock the vault from its first place or, where that is away or lacks what it takes, from another.

    The first place is `away` for the sink from then on if it has nothing of the vault, and, where there are others, if
    it does not answer within so many seconds of `patience`; None waits as long as its sink does.

    Raises:
        TgVaultError: what is wrong with the first place; no other can do it, or a key is what is lacking.
    """
    first, *others = sink.places
    try:
        if others and patience is not None:
            sink.adopt(first, _woken(first, patience))
        sink.sink(first)
    except (AccessError, SinkError) as error:
        # It is away, or its credential is lacking.
        return _unlock_without(sink, others, unlock, error)
    try:
        return FoundKeys(unlock(sink.sink(first)), first)
    except WrongKeyError as error:
        if not suspects(sink.sink(first), read_header(sink.sink(first))):
            raise
        return _unlock_without(sink, others, unlock, error)
    except UnsupportedFormatError:
        raise
    except (SinkError, VaultError) as error:
        return _unlock_without(sink, others, unlock, error)


def _woken(place: SinkPlace, patience: float) -> Sink:
    """Make the sink of a place, and see that it answers.

    Raises:
        TgVaultError: it cannot be made or read, or does not answer in time; nobody waits for it any more then.
    """

    def wake() -> Sink:
        made = place.make()
        try:
            with suppress(VaultError):
                made.size(HEADER)
        except BaseException:
            made.close()
            raise
        return made

    answer = ask_all({place.name: wake}, seconds=patience).get(place.name)
    if answer is None:
        raise SinkUnavailableError(f"it did not answer within {patience:.0f} seconds")
    if isinstance(answer, TgVaultError):
        raise answer
    return answer


def _unlock_without(
    sink: AnywhereSink, others: Sequence[SinkPlace], unlock: Callable[[Sink], Unlocked], failure: TgVaultError
) -> FoundKeys:
    """Unlock the vault from another place than the first, in which there is a `failure`."""
    for place in others:
        try:
            found = FoundKeys(unlock(sink.sink(place)), place, failure)
        except (*UNUSABLE, VaultError):
            # It has nothing to open the vault with; what is wrong with the first place says more.
            continue
        if isinstance(failure, SinkError) or not _is_of(sink, sink.places[0], place):
            sink.away[sink.places[0].name] = failure
        return found
    raise failure


def _is_of(sink: AnywhereSink, one: SinkPlace, other: SinkPlace) -> bool:
    """Tell whether a place can be read and has a snapshot of the vault that is in the other."""
    try:
        return not set(manifest_names(sink.sink(one))).isdisjoint(manifest_names(sink.sink(other)))
    except UNUSABLE:
        return False
