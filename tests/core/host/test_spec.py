"""Plugins' things are made in any process from a small picklable value."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from host_plugins import SINK, MakePlugin
from tgvault.config.table import Table
from tgvault.contracts.sink import Sink
from tgvault.errors import ConfigError, PluginError, PluginLoadError
from tgvault.host.discovery import Candidate
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build, written_settings


def spec_for(candidate: Candidate, **settings: object) -> PluginSpec[Sink]:
    host = Host(find=lambda: [candidate])
    return host.sink_spec("my-sink", Table.given(settings, folder=Path("/conf")))


def test_a_spec_survives_pickling_and_makes_the_thing(make_plugin: MakePlugin) -> None:
    spec = spec_for(make_plugin("good", SINK), path="vault", size=3)

    made = build(pickle.loads(pickle.dumps(spec)))

    assert made.settings.path == Path("/conf/vault")  # type: ignore[attr-defined]
    assert made.settings.size == 3  # type: ignore[attr-defined]


def test_a_path_that_is_not_unicode_survives(make_plugin: MakePlugin) -> None:
    path = Path(os.fsdecode(b"/a\xff"))

    made = build(spec_for(make_plugin("good", SINK), path=path))

    assert made.settings.path == path  # type: ignore[attr-defined]


def test_settings_of_options_can_be_written_to_a_file(make_plugin: MakePlugin) -> None:
    code = SINK.replace("size: int = 1", "size: int = 1\n    more: list[Path] = []\n    other: str | None = None")

    spec = spec_for(make_plugin("good", code), path="vault", size="3", more=["a"])

    assert written_settings(spec) == {"path": Path("/conf/vault"), "size": 3, "more": [Path("/conf/a")]}


def test_settings_stay_out_of_the_repr(make_plugin: MakePlugin) -> None:
    assert "hidden" not in repr(spec_for(make_plugin("good", SINK), path="/hidden"))


def test_a_class_that_fails_is_named(make_plugin: MakePlugin) -> None:
    spec = spec_for(make_plugin("good", SINK), path="/x", size=13)

    with pytest.raises(PluginError, match=r"sink `my-sink` does not take its settings: ValueError: 13 is bad luck"):
        build(spec)


def test_an_error_of_ours_passes_through(make_plugin: MakePlugin) -> None:
    code = SINK.replace('ValueError("13', 'ConfigError("13').replace("import msgspec", _IMPORT)
    spec = spec_for(make_plugin("good", code), path="/x", size=13)

    with pytest.raises(ConfigError, match=r"^13 is bad luck$"):
        build(spec)


_IMPORT = "import msgspec\nfrom tgvault.errors import ConfigError"


def test_a_plugin_that_changed_during_the_run_is_told(make_plugin: MakePlugin, modules: Path) -> None:
    spec = spec_for(make_plugin("good", SINK), path="/x")
    changed = PluginSpec(spec.kind, "other-sink", spec.plugin, spec.settings)

    with pytest.raises(PluginLoadError, match="does not bring the sink `other-sink` any more"):
        build(changed)


def test_settings_of_a_foreign_type_are_the_plugins_failure(make_plugin: MakePlugin) -> None:
    candidate = make_plugin("odd", SINK.replace("size: int = 1", "size: int = 1\n    odd: complex = 1j"))

    with pytest.raises(PluginLoadError, match="`MySink` cannot be used: settings cannot be of type `complex`"):
        spec_for(candidate, path="/x", odd="1")
    with pytest.raises(PluginLoadError, match="`MySink` cannot be used: settings cannot hold `complex`"):
        spec_for(candidate, path="/x")
