"""Which plugins there are and which of them are loaded; what goes wrong with one is noted here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tgvault.errors import PluginLoadError
from tgvault.host.discovery import Candidate, normalised, version_of
from tgvault.host.kinds import Kind
from tgvault.host.loading import Plugin, load
from tgvault.host.report import PluginInfo, PluginProblem, PluginState

__all__ = ["Registry"]


class Registry:
    """Loads each plugin at most once, and keeps what was wrong with those that cannot be.

    A bundled plugin goes before all others; among these the names of their distributions decide. `find` is called at
    most once, and only when a bundled plugin does not do.
    """

    def __init__(
        self, *, allow: frozenset[str] | None, find: Callable[[], Sequence[Candidate]], bundled: Sequence[Candidate]
    ) -> None:
        self._allow = allow
        self._find = find
        self._found: tuple[Candidate, ...] | None = None
        self._loaded: dict[Candidate, Plugin] = {}
        self._problems: dict[PluginProblem, None] = {}
        self.bundled = tuple(bundled)
        #: The plugins that cannot be loaded, with the error to raise to whoever needs one.
        self.broken: dict[Candidate, PluginLoadError] = {}

    @property
    def found(self) -> tuple[Candidate, ...]:
        """The plugins of other distributions that are installed, switched off or not."""
        if self._found is None:
            self._found = tuple(self._find())
        return self._found

    @property
    def others(self) -> list[Candidate]:
        """The plugins of other distributions that may be loaded."""
        return [candidate for candidate in self.found if self.allows(candidate)]

    def allows(self, candidate: Candidate) -> bool:
        """Whether the plugin may be loaded."""
        names = {normalised(candidate.name), normalised(candidate.distribution)}
        return candidate.bundled or self._allow is None or not names.isdisjoint(self._allow)

    def likely(self, name: str) -> Iterator[Candidate]:
        """Give the plugins that could bring a thing of that name: the bundled ones that do, then those that bear it."""
        wanted = normalised(name)
        yield from (each for each in self.bundled if normalised(each.name) == wanted or name in each.brings)
        yield from sorted(self.others, key=lambda candidate: (normalised(candidate.name) != wanted, candidate.order))

    def plugins(self, candidates: Iterable[Candidate]) -> Iterator[Plugin]:
        """Load the plugins one after another and give those that can be; the others are noted."""
        for candidate in candidates:
            if (plugin := self._load(candidate)) is not None:
                yield plugin

    def remarks(self, candidate: Candidate) -> list[str]:
        """Say what is odd about a loaded plugin, such as a thing that another plugin brings under the same name."""
        plugin = self._loaded.get(candidate)
        if plugin is not None and plugin.idle and not candidate.bundled:
            return ["it has no hooks; they are functions marked with `hookimpl`"]
        lines = []
        for kind, name in _brought(plugin):
            first = next(self._bringers(kind, name))
            if first != candidate:
                lines.append(
                    f"its {kind} `{name}` is not used: plugin `{first.name}` of `{first.distribution}` has one"
                )
        return lines

    def info(self, candidate: Candidate) -> PluginInfo:
        """Tell what is known of a plugin without loading it."""
        failure = self.broken.get(candidate)
        return PluginInfo(
            name=candidate.name,
            distribution=candidate.distribution,
            version=version_of(candidate.distribution),
            bundled=candidate.bundled,
            state=self._state(candidate),
            brings=tuple(f"{kind} {name}" for kind, name in _brought(self._loaded.get(candidate))),
            problems=tuple([str(failure)] if failure else self.remarks(candidate)),
        )

    def note(self, candidate: Candidate, error: str) -> None:
        """Keep a problem; the same one twice is kept once."""
        version = version_of(candidate.distribution)
        self._problems[PluginProblem(candidate.name, candidate.distribution, version, error)] = None

    def problems(self) -> list[PluginProblem]:
        """List what was noted, and what is odd about the plugins that are loaded."""
        for candidate in self._loaded:
            for line in self.remarks(candidate):
                self.note(candidate, line)
        return list(self._problems)

    def _load(self, candidate: Candidate) -> Plugin | None:
        if candidate not in self._loaded and candidate not in self.broken:
            try:
                self._loaded[candidate] = load(candidate)
            except PluginLoadError as exc:
                self.broken[candidate] = exc
                self.note(candidate, str(exc))
        return self._loaded.get(candidate)

    def _bringers(self, kind: Kind, name: str) -> Iterator[Candidate]:
        loaded = (each for each in self.likely(name) if each in self._loaded)
        return (each for each in loaded if name in self._loaded[each].brings.get(kind, {}))

    def _state(self, candidate: Candidate) -> PluginState:
        if candidate in self.broken:
            return PluginState.BROKEN
        if candidate in self._loaded:
            return PluginState.LOADED
        return PluginState.NOT_LOADED if self.allows(candidate) else PluginState.SWITCHED_OFF


def _brought(plugin: Plugin | None) -> Iterator[tuple[Kind, str]]:
    for kind, things in (plugin.brings if plugin else {}).items():
        for name in things:
            yield kind, name
