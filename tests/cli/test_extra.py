"""Commands that plugins add."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.support import Tried

Run = Callable[..., Tried]

GREETING = """
from tgvault.api import hookimpl

@hookimpl
def tgvault_commands(app):
    @app.command()
    def greet(name: str = "you") -> None:
        print(f"good evening, {name}")
"""


def install(name: str, code: str, *, site: Path) -> None:
    metadata = site / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[tgvault.plugins]\n{name} = {name}_plugin\n")
    (site / f"{name}_plugin.py").write_text(code)


@pytest.fixture
def _plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a plugin that adds the command `greet`, and one that cannot be imported."""
    site = tmp_path / "site"
    install("greeting", GREETING, site=site)
    install("crooked", "import no_such_module_here\n", site=site)
    monkeypatch.syspath_prepend(site)
    yield
    for name in ("greeting_plugin", "crooked_plugin"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("_plugins")
def test_a_plugin_adds_a_command_and_a_broken_one_is_named(tgvault: Run) -> None:
    tried = tgvault("greet", "--name", "Ben")

    assert (tried.code, tried.out) == (0, "good evening, Ben\n")
    assert "warning: plugin `crooked` of `crooked`" in tried.err


@pytest.mark.usefixtures("_plugins")
def test_without_plugins_the_command_is_unknown(tgvault: Run) -> None:
    tried = tgvault("--no-plugins", "greet")

    assert tried.code == 2
    assert tried.err.startswith("error: there is no command `greet`")


@pytest.mark.usefixtures("_plugins")
def test_a_broken_plugin_is_named_and_stops_nothing(tgvault: Run) -> None:
    tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")

    tried = tgvault("verify")

    assert tried.code == 0
    assert "warning: plugin `crooked` of `crooked`" in tried.err


@pytest.mark.usefixtures("_plugins")
def test_the_list_of_plugins_says_what_is_wrong_with_one(tgvault: Run) -> None:
    tried = tgvault("plugin", "list")

    assert tried.code == 0
    assert [line.split()[0] for line in tried.out.splitlines()[1:]] == [
        "cloud",
        "desktop_export",
        "external_disk",
        "local",
        "rclone",
        "sftp",
        "takeout",
        "crooked",
        "greeting",
    ]
    assert tried.err.startswith("crooked: ")
