"""Which plugins there are, without importing any."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from host_plugins import install
from tgvault.host.discovery import BUNDLED, GROUP, Candidate, allow_list, installed, normalised, version_of
from tgvault.host.kinds import Kind
from tgvault.host.loading import load

_PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_the_bundled_plugins_are_those_of_the_metadata() -> None:
    table = tomllib.loads(_PROJECT.read_text())["project"]["entry-points"][GROUP]

    assert {candidate.name: candidate.target for candidate in BUNDLED} == table


def test_the_bundled_plugins_register_by_the_same_door_as_others() -> None:
    ours = {
        entry.name: entry.value for entry in entry_points(group=GROUP) if entry.dist and entry.dist.name == "tgvault"
    }

    assert ours == {candidate.name: candidate.target for candidate in BUNDLED}


@pytest.mark.parametrize("candidate", BUNDLED, ids=lambda candidate: candidate.name)
def test_a_bundled_plugin_brings_what_its_line_says_and_nothing_else(candidate: Candidate) -> None:
    plugin = load(candidate)

    brought = {name for kind in Kind for name in plugin.brings.get(kind, {})}
    assert brought == set(candidate.brings or {normalised(candidate.name)})
    assert not plugin.observes()
    assert not plugin.hooks.tgvault_commands.get_hookimpls()


def test_what_is_installed_is_listed_in_a_fixed_order_and_not_imported(modules: Path) -> None:
    install(modules, "zeta", "1.0", "[tgvault.plugins]\nb = zeta_b:plugin\na = zeta_a [extra]\n")
    install(modules, "acme-tools", "2.1", "[other]\nx = y\n[tgvault.plugins]\nm = acme.plugin\n")

    found = [candidate for candidate in installed() if candidate.distribution in {"zeta", "acme-tools"}]

    assert found == [
        Candidate("m", "acme.plugin", "acme-tools"),
        Candidate("a", "zeta_a", "zeta"),
        Candidate("b", "zeta_b:plugin", "zeta"),
    ]


def test_a_distribution_that_takes_our_name_brings_nothing(modules: Path) -> None:
    install(modules, "TGVault", "9.9", "[tgvault.plugins]\nevil = evil\n")

    assert "evil" not in {candidate.name for candidate in installed()}


def test_a_version_comes_from_the_metadata(modules: Path) -> None:
    install(modules, "acme-tools", "2.1", "")

    assert version_of("acme-tools") == "2.1"


def test_a_version_that_is_not_to_be_had_is_a_question_mark(modules: Path) -> None:
    install(modules, "broken", "1", "")
    (modules / "broken-1.dist-info" / "METADATA").unlink()

    assert version_of("never-installed") == "?"
    assert version_of("broken") == "?"


@pytest.mark.parametrize(
    ("environ", "no_plugins", "configured", "allowed"),
    [
        ({}, False, None, None),
        ({}, False, ["My_Plugin"], {"my-plugin"}),
        ({"TGVAULT_PLUGINS": "a, B.c,"}, False, ["x"], {"a", "b-c"}),
        ({"TGVAULT_PLUGINS": ""}, False, None, set()),
        ({"TGVAULT_PLUGINS": "a"}, True, ["x"], set()),
    ],
)
def test_the_switch_goes_before_the_variable_and_that_before_the_file(
    environ: dict[str, str], no_plugins: bool, configured: list[str] | None, allowed: set[str] | None
) -> None:
    assert allow_list(environ, no_plugins=no_plugins, configured=configured) == allowed


def test_a_bundled_plugin_is_found_without_reading_metadata() -> None:
    code = (
        "import sys; from tgvault.host.host import Host; Host().sink('local');"
        "heavy = {'importlib.metadata', 'tgvault_plugins.desktop_export', 'difflib', 'platformdirs'};"
        "assert heavy.isdisjoint(sys.modules), heavy & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("candidate", BUNDLED, ids=lambda candidate: candidate.name)
def test_a_bundled_plugin_brings_what_is_said_of_it(candidate: Candidate) -> None:
    brings = {kind.value: set(things) for kind, things in load(candidate).brings.items() if things}

    assert list(brings) == [candidate.kind]
    assert brings[candidate.kind or ""] == {*candidate.brings} or brings[candidate.kind or ""] == {
        normalised(candidate.name)
    }
