"""One plugin is loaded, or it is told what is wrong with it."""

from __future__ import annotations

import pytest

from host_plugins import CLASSES, SINK, MakePlugin
from tgvault.errors import PluginLoadError
from tgvault.host.discovery import Candidate
from tgvault.host.kinds import Kind
from tgvault.host.loading import load


def test_a_plugin_brings_what_its_hooks_name(make_plugin: MakePlugin) -> None:
    code = SINK + '@hookimpl\ndef tgvault_transforms():\n    return {"my-transform": MyTransform}\n'

    plugin = load(make_plugin("good", code))

    assert {kind: list(things) for kind, things in plugin.brings.items()} == {
        Kind.SINK: ["my-sink"],
        Kind.TRANSFORM: ["my-transform"],
    }
    assert not plugin.observes()


def test_a_plugin_may_be_an_object_in_a_module(make_plugin: MakePlugin) -> None:
    code = SINK + "class Outer:\n    class Inner:\n        tgvault_sinks = staticmethod(tgvault_sinks)\n"
    make_plugin("holder", code)

    plugin = load(Candidate("holder", "holder:Outer.Inner", "acme-tools"))

    assert list(plugin.brings[Kind.SINK]) == ["my-sink"]


def test_a_plugin_that_hears_events_says_so(make_plugin: MakePlugin) -> None:
    code = "from tgvault.api import hookimpl\n@hookimpl\ndef tgvault_event(): ...\n"

    assert load(make_plugin("listener", code)).observes()


_HOOK = "from tgvault.api import hookimpl\n@hookimpl\n"
_WRONG = {
    "import of something that is not there": ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
    "a syntax error": ("x = = 1", "invalid syntax (bad.py, line 1)"),
    "an exception": ("\nraise RuntimeError('two\\nlines')", "RuntimeError: two lines (bad.py, line 2)"),
    "an exception without words": ("raise RuntimeError", "RuntimeError (bad.py, line 1)"),
    "leaving Python": ("import sys\nsys.exit(3)", "SystemExit: 3 (bad.py, line 2)"),
    "a hook with a wrong argument": (
        _HOOK + "def tgvault_sinks(config): ...",
        "Argument(s) {'config'} are declared in the hookimpl but can not be found in the hookspec",
    ),
    "a hook that does not exist": (
        _HOOK + "def tgvault_formats(): ...",
        "unknown hook 'tgvault_formats' in plugin",
    ),
    "a newer API": ("TGVAULT_API = (1, 99)", "it is written for plugin API 1.99, and this tgvault has 1."),
    "another API": ("TGVAULT_API = (2, 0)", "it is written for plugin API 2.0, and this tgvault has 1."),
    "an API that is no version": ("TGVAULT_API = '1.0'", "its `TGVAULT_API` is not a pair of numbers"),
    "a hook that fails": (_HOOK + "def tgvault_sinks():\n    return 1 / 0", "ZeroDivisionError: division by zero"),
    "a hook that returns something else": (
        _HOOK + "def tgvault_sinks():\n    return ['x']",
        "`tgvault_sinks` does not return a mapping of names to classes",
    ),
    "a name that is none": (
        _HOOK + "def tgvault_sinks():\n    return {'My Sink': int}",
        "sink `My Sink` is not named with small letters, digits and single dashes",
    ),
    "something that is no class": (
        _HOOK + "def tgvault_sinks():\n    return {'x': 1}",
        "sink `x` is not a class",
    ),
    "a class that lacks methods": (
        CLASSES + "@hookimpl\ndef tgvault_transforms():\n    return {'x': MySink}",
        "transform `x` lacks `document`, `message`",
    ),
    "a class without settings": (
        CLASSES + "class Bare(MySink):\n    config = None\n@hookimpl\ndef tgvault_sinks():\n    return {'x': Bare}",
        "sink `x` has no `config` that is a msgspec struct class",
    ),
    "settings that tgvault reads itself": (
        CLASSES
        + "class Mine(msgspec.Struct):\n    type: str\nMySink.config = Mine\n"
        + "@hookimpl\ndef tgvault_sinks():\n    return {'x': MySink}",
        "the settings of sink `x` use the name `type`, which tgvault reads itself",
    ),
    "settings that cannot be resolved": (
        CLASSES
        + "class Mine(msgspec.Struct):\n    a: 'Nowhere'\nMySink.config = Mine\n"
        + "@hookimpl\ndef tgvault_sinks():\n    return {'x': MySink}",
        "the settings of sink `x` cannot be read: name 'Nowhere' is not defined",
    ),
}


@pytest.mark.parametrize("case", _WRONG)
def test_what_is_wrong_is_told_in_one_line(make_plugin: MakePlugin, case: str) -> None:
    code, said = _WRONG[case]
    candidate = make_plugin("bad", code)

    with pytest.raises(PluginLoadError) as caught:
        load(candidate)

    assert str(caught.value).startswith("plugin `bad` of `acme-tools` ? cannot be loaded: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint == "update or remove `acme-tools`, or leave it out with `--no-plugins`"


def test_a_bundled_plugin_that_is_damaged_has_another_way_out(make_plugin: MakePlugin) -> None:
    candidate = make_plugin("bad", "raise RuntimeError", bundled=True)

    with pytest.raises(PluginLoadError) as caught:
        load(candidate)

    assert caught.value.hint == "reinstall tgvault; a part of it is damaged"


def test_ctrl_c_during_an_import_is_not_the_plugins_failure(make_plugin: MakePlugin) -> None:
    candidate = make_plugin("slow", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load(candidate)
