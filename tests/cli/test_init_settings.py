"""Settings of a plugin's sink, said as words with `--set`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tomli

from cli.support import Tried
from host_plugins import install

Run = Callable[..., Tried]

SHELF = """
from pathlib import Path
from typing import ClassVar
import msgspec
from tgvault.api import hookimpl
from tgvault_plugins.local.sink import LocalSink

class Settings(msgspec.Struct, frozen=True):
    path: Path
    retries: int = 1
    share: float = 0.5
    fast: bool = False
    note: str | None = None
    unsaid: int = 7

class Shelf(LocalSink):
    config: ClassVar = Settings

@hookimpl
def tgvault_sinks():
    return {"shelf": Shelf}
"""

INIT = ("--vault", "v.toml", "init", "--sink", "shelf", "--key-file", "KEY", "--kit", "kit.txt")


@pytest.fixture(autouse=True)
def _shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "shelf", "1.0", "[tgvault.plugins]\nshelf = shelf_plugin\n")
    (site / "shelf_plugin.py").write_text(SHELF)
    monkeypatch.syspath_prepend(site)
    yield
    sys.modules.pop("shelf_plugin", None)


def test_words_become_what_the_sink_takes(tgvault: Run, tmp_path: Path) -> None:
    words = ("path=away", "retries=3", "share=0.25", "fast=true", "note=3")

    made = tgvault(*INIT, *(part for word in words for part in ("--set", word)))

    assert made.code == 0, made.err
    written = tomli.loads((tmp_path / "v.toml").read_text())["sink"]
    assert written == {"type": "shelf", "path": "away", "retries": 3, "share": 0.25, "fast": True, "note": "3"}
    assert tgvault("--vault", "v.toml", "snapshots").code == 0


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("retries=often", "`retries` in the options of sink `shelf`: expected a whole number, got text"),
        ("fast=perhaps", "`fast` in the options of sink `shelf`: expected true or false, got text"),
        ("retires=3", "unknown key `retires` in the options of sink `shelf`"),
        ("path=", "`path` in the options of sink `shelf`: expected a path"),
    ],
)
def test_what_the_sink_does_not_take_is_refused_by_its_key(
    word: str, message: str, tgvault: Run, tmp_path: Path
) -> None:
    tried = tgvault(*INIT, "--set", "path=away", "--set", word)

    assert tried.code == 20
    assert tried.err.splitlines()[0] == f"error: {message}"
    assert {path.name for path in tmp_path.iterdir()} == {"site"}
