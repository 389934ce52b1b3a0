"""What the host hands out, and what a broken plugin does not stop."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

from host_plugins import CLASSES, SINK, MakePlugin, install
from tgvault.config.config import parse_config
from tgvault.config.table import Table
from tgvault.errors import ConfigError, PluginLoadError, PluginMissingError
from tgvault.host.discovery import Candidate
from tgvault.host.host import Host
from tgvault.host.kinds import Kind
from tgvault.host.report import PluginState
from tgvault.model.events import RunStarted

_HOOK = "from tgvault.api import hookimpl\n@hookimpl\n"
_OBSERVER = (
    "from tgvault.api import hookimpl\nheard = []\n@hookimpl\ndef tgvault_event(event):\n    heard.append(event)\n"
)


@pytest.fixture
def good(make_plugin: MakePlugin) -> Candidate:
    return make_plugin("good", SINK)


@pytest.fixture
def broken(make_plugin: MakePlugin) -> Candidate:
    return make_plugin("broken", "raise RuntimeError('no')", distribution="bad-tools")


def host_of(*candidates: Candidate, allow: frozenset[str] | None = None, bundled: Sequence[Candidate] = ()) -> Host:
    return Host(allow=allow, find=lambda: candidates, bundled=bundled)


def test_things_of_all_kinds_are_handed_out(make_plugin: MakePlugin) -> None:
    code = SINK + (
        '@hookimpl\ndef tgvault_transforms():\n    return {"my-transform": MyTransform}\n'
        "class MySource:\n    config = Settings\n"
        "    info = media = records = raw = expand = open_media = close = print\n"
        '@hookimpl\ndef tgvault_sources():\n    return {"my-source": MySource}\n'
    )
    host = host_of(make_plugin("all_kinds", code))
    table = Table.given({"path": "/x"})

    assert host.sink("my-sink").__name__ == "MySink"
    assert host.transform("my-transform").__name__ == "MyTransform"
    assert host.source("my-source").__name__ == "MySource"
    assert host.source_spec("my-source", table).kind is Kind.SOURCE
    assert host.transform_spec("my-transform", table).kind is Kind.TRANSFORM
    assert host.names(Kind.SINK) == ["my-sink"]


def test_things_of_bundled_plugins_are_named_first_and_each_once(make_plugin: MakePlugin) -> None:
    bundled = make_plugin("zzz", SINK.replace('"my-sink"', '"zzz"'), distribution="tgvault", bundled=True)
    others = [make_plugin(name, SINK) for name in ("one", "two")]

    assert host_of(*others, bundled=[bundled]).names(Kind.SINK) == ["zzz", "my-sink"]


def test_an_instance_is_made_from_checked_settings(good: Candidate) -> None:
    host = host_of(good)
    cls = host.sink("my-sink")

    assert host.make(cls, Table.given({"path": "/x"})).settings.size == 1  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="unknown key `pth` in the options"):
        host.make(cls, Table.given({"pth": "/x"}))


def test_the_plugin_that_bears_the_name_is_loaded_and_no_other(make_plugin: MakePlugin, broken: Candidate) -> None:
    named = make_plugin("my_sink", SINK, distribution="zeta")
    other = make_plugin("aaa", CLASSES)
    host = host_of(other, broken, named)

    host.sink("my-sink")

    states = {info.name: info.state for info in host.listed()}
    assert states == {
        "aaa": PluginState.NOT_LOADED,
        "broken": PluginState.NOT_LOADED,
        "my_sink": PluginState.LOADED,
    }
    assert "aaa" not in sys.modules


def test_a_broken_plugin_stops_nothing_that_does_not_need_it(good: Candidate, broken: Candidate) -> None:
    host = host_of(broken, good)

    assert host.sink("my-sink").__name__ == "MySink"


def test_a_broken_plugin_is_noted_once(good: Candidate, broken: Candidate, modules: Path) -> None:
    install(modules, "bad-tools", "0.3", "")
    host = host_of(broken, good)

    host.load_all()
    host.load_all()

    (problem,) = host.problems()
    assert (problem.name, problem.distribution, problem.version) == ("broken", "bad-tools", "0.3")
    assert "RuntimeError: no" in problem.error


def test_needing_a_broken_plugin_names_its_distribution(broken: Candidate) -> None:
    host = host_of(broken)

    with pytest.raises(PluginLoadError, match="plugin `broken` of `bad-tools`") as caught:
        host.sink("broken")

    assert caught.value.hint is not None
    assert "bad-tools" in caught.value.hint


def test_a_thing_that_may_be_in_a_broken_plugin_says_so(broken: Candidate) -> None:
    with pytest.raises(PluginMissingError, match="no plugin brings the sink `my-sink`") as caught:
        host_of(broken).sink("my-sink")

    assert caught.value.hint == "it may be in `bad-tools`, which cannot be loaded; `tgvault plugin list` says why"


def test_a_thing_that_nobody_brings_is_told_with_the_nearest(good: Candidate) -> None:
    with pytest.raises(PluginMissingError) as caught:
        host_of(good).sink("my-snik")

    assert caught.value.hint == "did you mean `my-sink`? `tgvault plugin list` shows what is installed"


def test_a_thing_of_a_kind_that_nobody_brings_says_so(good: Candidate) -> None:
    with pytest.raises(PluginMissingError) as caught:
        host_of(good).transform("my-sink")

    assert caught.value.hint == "there is none; `tgvault plugin list` shows what is installed"


def test_a_plugin_that_is_switched_off_is_not_loaded_and_said_to_be(make_plugin: MakePlugin) -> None:
    host = host_of(make_plugin("my_sink", "raise RuntimeError"), allow=frozenset({"other"}))

    with pytest.raises(PluginMissingError) as caught:
        host.sink("my-sink")

    assert caught.value.hint == "plugin `my_sink` of `acme-tools` is installed and switched off"
    assert host.listed()[0].state is PluginState.SWITCHED_OFF
    assert not host.problems()


@pytest.mark.parametrize("name", ["good", "acme-tools"])
def test_a_plugin_is_allowed_by_its_own_or_its_distributions_name(good: Candidate, name: str) -> None:
    assert host_of(good, allow=frozenset({name})).sink("my-sink")


def test_without_plugins_the_bundled_ones_are_left(make_plugin: MakePlugin) -> None:
    bundled = make_plugin("my_sink", SINK, distribution="tgvault", bundled=True)

    assert host_of(bundled=[bundled], allow=frozenset()).sink("my-sink")


def test_what_is_installed_is_not_looked_for_while_a_bundled_plugin_does(make_plugin: MakePlugin) -> None:
    def never() -> Sequence[Candidate]:
        raise AssertionError("looked for plugins")

    bundled = make_plugin("my_sink", SINK, distribution="tgvault", bundled=True)

    assert Host(find=never, bundled=[bundled]).sink("my-sink")


def test_a_bundled_plugin_wins_and_the_clash_is_told(make_plugin: MakePlugin) -> None:
    bundled = make_plugin("my_sink", SINK, distribution="tgvault", bundled=True)
    other = make_plugin("intruder", SINK)
    host = host_of(other, bundled=[bundled])

    host.load_all()

    assert host.sink("my-sink").__module__ == "my_sink"
    line = "its sink `my-sink` is not used: plugin `my_sink` of `tgvault` has one"
    assert [problem.error for problem in host.problems()] == [line]
    assert [info.problems for info in host.listed()] == [(), (line,)]


def test_a_clash_of_two_others_is_decided_the_same_way_every_time(make_plugin: MakePlugin) -> None:
    first = make_plugin("first", SINK, distribution="alpha")
    second = make_plugin("second", SINK, distribution="beta")
    host = host_of(second, first)

    host.load_all()

    assert host.sink("my-sink").__module__ == "first"
    assert len(host.problems()) == 1


def test_a_plugin_that_forgot_to_mark_its_hooks_is_told(make_plugin: MakePlugin) -> None:
    host = host_of(make_plugin("idle", "def tgvault_sinks(): ..."))

    host.load_all()

    assert [problem.error for problem in host.problems()] == [
        "it has no hooks; they are functions marked with `hookimpl`"
    ]


def test_a_list_tells_versions_and_what_is_brought(good: Candidate, broken: Candidate, modules: Path) -> None:
    install(modules, "acme-tools", "1.2", "")
    host = host_of(good, broken)

    host.load_all()

    healthy, ill = host.listed()
    assert (healthy.version, healthy.bundled, healthy.state) == ("1.2", False, PluginState.LOADED)
    assert healthy.brings == ("sink my-sink",)
    assert ill.state is PluginState.BROKEN
    assert ill.problems[0].startswith("plugin `broken` of `bad-tools` ? cannot be loaded: RuntimeError")


def test_observers_are_told_and_may_fail(make_plugin: MakePlugin, broken: Candidate) -> None:
    failing = make_plugin("failing", _OBSERVER.replace("heard.append(event)", "raise OSError('full')"))
    listening = make_plugin("listening", _OBSERVER)
    host = host_of(failing, broken, listening)

    host.emit(RunStarted("backup"))
    host.emit(RunStarted("verify"))

    assert sys.modules["listening"].heard == [RunStarted("backup"), RunStarted("verify")]
    errors = [problem.error for problem in host.problems()]
    assert errors[0] == "OSError: full (failing.py, line 5)"
    assert len(errors) == 2


def test_commands_of_plugins_are_added(make_plugin: MakePlugin) -> None:
    code = _HOOK + "def tgvault_commands(app):\n    app.command('extra')(lambda: None)\n"
    app = typer.Typer()

    host_of(make_plugin("adder", code)).commands(app)

    assert [command.name for command in app.registered_commands] == ["extra"]


def test_where_a_type_is_named_that_nobody_brings_is_told(tmp_path: Path) -> None:
    config = parse_config('[sink]\ntype = "lokal"\npath = "v"\n', file=tmp_path / "vault.toml")

    with pytest.raises(PluginMissingError) as caught:
        Host(allow=None, find=lambda: ()).sink_spec(config.sink.type, config.sink.settings)

    assert str(caught.value) == (
        f"no plugin brings the sink `lokal` (`sink.type` in `{tmp_path / 'vault.toml'}`, line 2)"
    )
    assert str(caught.value.hint).startswith("did you mean `local`?")
