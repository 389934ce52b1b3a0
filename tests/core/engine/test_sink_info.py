"""What is told of a sink leads to it, and holds nothing that is nobody's business."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tgvault.config.config import Config, parse_config
from tgvault.engine.sink_info import SinkInfo, Whereabouts, place_of, public_settings, sink_info, whereabouts
from tgvault.host.discovery import Candidate
from tgvault.host.host import Host

CARELESS = """
from pathlib import Path
from typing import ClassVar
import msgspec
from tgvault.api import hookimpl
from tgvault.testing import MemorySink

class Settings(msgspec.Struct):
    url: str
    root: Path = Path("/")
    key_file: Path = Path("/k")
    password: str = ""
    api_token: str = ""
    secret: str = ""
    fast: bool = False
    parts: list[str] = []

class Careless(MemorySink):
    config: ClassVar = Settings

@hookimpl
def tgvault_sinks():
    return {"careless": Careless}
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    (tmp_path / "careless_sink.py").write_text(CARELESS)
    monkeypatch.syspath_prepend(tmp_path)
    yield Host(find=lambda: [Candidate("careless", "careless_sink", "acme")])
    sys.modules.pop("careless_sink", None)


def config(table: str) -> Config:
    return parse_config(f'[sink]\ntype = "careless"\n{table}', file=Path("/conf/vault.toml"))


def test_secrets_that_a_plugin_takes_in_its_settings_are_told_nowhere(host: Host) -> None:
    said = config(
        'url = "https://ann:hush-1@example.org/dav"\nroot = "in"\nkey_file = "/home/k"\npassword = "hush-2"\n'
        'api_token = "hush-3"\nsecret = "hush-4"\nparts = ["a"]\n'
    )
    spec = host.sink_spec(said.sink.type, said.sink.settings)

    settings, place = public_settings(said.sink, spec), place_of(said.sink, spec)

    assert settings == {
        "url": "https://example.org/dav",
        "root": Path("/conf/in"),
        "key_file": Path("/home/k"),
        "parts": ["a"],
    }
    assert place == "url https://example.org/dav, root /conf/in, key file /home/k"


def test_what_was_not_said_is_not_told(host: Host) -> None:
    said = config('url = "x"\nfast = false\n')

    assert place_of(said.sink, host.sink_spec("careless", said.sink.settings)) == "url x"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", Whereabouts(medium="careless", offsite=False)),
        ('medium = "tape"\noffsite = true\n', Whereabouts(medium="tape", offsite=True)),
    ],
)
def test_a_sink_that_tells_nothing_is_a_medium_of_its_own_and_near(
    host: Host, table: str, expected: Whereabouts
) -> None:
    said = config(f'url = "x"\n{table}')

    assert whereabouts(said.sink, host.sink_spec("careless", said.sink.settings)) == expected


def test_a_mistake_is_told_beside_what_is_known(host: Host) -> None:
    said = config("")

    info = sink_info(said.sink, said, host=host, environment={})

    assert (info.name, info.type, info.place, info.offsite) == ("primary", "careless", None, None)
    assert info == SinkInfo(name="primary", type="careless", problem=info.problem, hint=info.hint)
    assert "`url` is missing" in (info.problem or "")
