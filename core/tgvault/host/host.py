"""The one place that hands out what plugins bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from tgvault.config.table import Table, nearest
from tgvault.contracts.sink import Sink
from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform
from tgvault.errors import ConfigError, PluginMissingError
from tgvault.host.credentials import misplaced_credential
from tgvault.host.discovery import BUNDLED, Candidate, installed, normalised
from tgvault.host.kinds import Kind
from tgvault.host.loading import Plugin, explain
from tgvault.host.registry import Registry
from tgvault.host.report import PluginInfo, PluginProblem
from tgvault.host.spec import PluginSpec, make, make_spec
from tgvault.model.events import Event

if TYPE_CHECKING:
    import pluggy
    import typer

__all__ = ["Host"]

T = TypeVar("T")


class Host:
    """Loads a plugin when something of it is asked for.

    A plugin that is broken is noted and stops nothing but what needs it. A bundled plugin goes before any other that
    brings a thing of the same name.

    `allow` holds the names of the plugins, or of their distributions, that may be loaded besides the bundled ones, and
    is None for all; see `tgvault.host.discovery.allow_list`. `find` lists what is installed.
    """

    def __init__(
        self,
        *,
        allow: frozenset[str] | None = None,
        find: Callable[[], Sequence[Candidate]] = installed,
        bundled: Sequence[Candidate] = BUNDLED,
    ) -> None:
        self._registry = Registry(allow=allow, find=find, bundled=bundled)

    def source(self, name: str) -> type[Source]:
        """Give the class of the source that `type = "<name>"` names.

        Raises:
            PluginMissingError: no plugin that may be loaded brings it.
            PluginLoadError: the plugin of that name cannot be loaded.
        """
        return cast("type[Source]", self._class(Kind.SOURCE, name))

    def transform(self, name: str) -> type[Transform]:
        """Give the class of a transform; raises as `source` does."""
        return cast("type[Transform]", self._class(Kind.TRANSFORM, name))

    def sink(self, name: str) -> type[Sink]:
        """Give the class of a sink; raises as `source` does."""
        return cast("type[Sink]", self._class(Kind.SINK, name))

    def names(self, kind: Kind) -> list[str]:
        """Name all things of the kind, bundled ones first; loads every plugin that may have one."""
        bundled = [each for each in self._registry.bundled if each.kind in (None, kind)]
        plugins = self._registry.plugins((*bundled, *self._registry.others))
        return list(dict.fromkeys(name for plugin in plugins for name in sorted(plugin.brings.get(kind, {}))))

    def make(self, cls: type[T], settings: Table) -> T:
        """Check the settings against the class's `config` and make an instance.

        Raises:
            ConfigError: the settings have a mistake; the message names file, line and key.
            PluginError: the class does not take settings that are right.
        """
        return make(cls, settings)

    def source_spec(self, name: str, settings: Table) -> PluginSpec[Source]:
        """Check the settings of a source and say how to make it, here or in a worker process; see `build`.

        Raises:
            PluginMissingError, PluginLoadError: as `source` does.
            ConfigError: the settings have a mistake; the message names file, line and key.
        """
        return self._spec(Kind.SOURCE, name, settings)

    def transform_spec(self, name: str, settings: Table) -> PluginSpec[Transform]:
        """Check the settings of a transform and say how to make it; raises as `source_spec` does."""
        return self._spec(Kind.TRANSFORM, name, settings)

    def sink_spec(self, name: str, settings: Table) -> PluginSpec[Sink]:
        """Check the settings of a sink and say how to make it; raises as `source_spec` does."""
        try:
            return self._spec(Kind.SINK, name, settings)
        except ConfigError as error:
            misplaced = misplaced_credential(settings, self.sink(name).config, partial(self.sink_spec, name))
            if misplaced is not None:
                raise misplaced from error
            raise

    def candidates(self) -> list[Candidate]:
        """Name the plugins that are installed, bundled ones first; loads none."""
        return [*self._registry.bundled, *self._registry.found]

    def listed(self) -> list[PluginInfo]:
        """Tell of these, in the same order; loads none."""
        return [self._registry.info(each) for each in self.candidates()]

    def load_all(self) -> None:
        """Load every plugin that may be loaded; the broken ones are noted."""
        self._all()

    def problems(self) -> list[PluginProblem]:
        """List what has gone wrong with plugins up to now, each thing once."""
        return self._registry.problems()

    def emit(self, event: Event) -> None:
        """Tell the observers; what one raises is noted and changes nothing. Bundled plugins do not observe."""
        self._call(lambda hooks: hooks.tgvault_event(event=event))

    def commands(self, app: typer.Typer) -> None:
        """Let plugins add their commands; what one raises is noted and changes nothing. Bundled ones add none."""
        self._call(lambda hooks: hooks.tgvault_commands(app=app))

    def _call(self, hook: Callable[[pluggy.HookRelay], object]) -> None:
        for plugin in self._registry.plugins(self._registry.others):
            try:
                hook(plugin.hooks)
            except Exception as exc:  # the border to other people's code
                self._registry.note(plugin.candidate, explain(exc))

    def _all(self) -> list[Plugin]:
        return list(self._registry.plugins((*self._registry.bundled, *self._registry.others)))

    def _class(self, kind: Kind, name: str) -> type:
        return self._plugin(kind, name).brings[kind][name]

    def _spec(self, kind: Kind, name: str, settings: Table) -> PluginSpec[T]:
        return make_spec(kind, name, plugin=self._plugin(kind, name, settings), settings=settings)

    def _plugin(self, kind: Kind, name: str, settings: Table | None = None) -> Plugin:
        for plugin in self._registry.plugins(self._registry.likely(name)):
            if name in plugin.brings.get(kind, {}):
                return plugin
        for candidate, failure in self._registry.broken.items():
            if normalised(candidate.name) == normalised(name):
                raise failure
        place = f" ({settings.named(('type',))})" if settings is not None and settings.text is not None else ""
        raise PluginMissingError(f"no plugin brings the {kind} `{name}`{place}", hint=self._where_it_may_be(kind, name))

    def _where_it_may_be(self, kind: Kind, name: str) -> str | None:
        for candidate in self._registry.found:
            if normalised(candidate.name) == normalised(name) and not self._registry.allows(candidate):
                return f"plugin `{candidate.name}` of `{candidate.distribution}` is installed and switched off"
        if broken := self._registry.broken:
            which = ", ".join(f"`{candidate.distribution}`" for candidate in broken)
            return f"it may be in {which}, which cannot be loaded; `tgvault plugin list` says why"
        guess = nearest(name, self.names(kind)) or "there is none"
        return f"{guess}{'' if guess.endswith('?') else ';'} `tgvault plugin list` shows what is installed"
