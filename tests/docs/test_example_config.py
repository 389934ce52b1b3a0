"""vault.example.toml is a right configuration and shows every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config import sections
from tgvault.config.config import load_config
from tgvault.host.discovery import BUNDLED
from tgvault.host.host import Host
from tgvault.host.kinds import Kind
from tgvault.host.loading import load

FILE = Path(__file__).parents[2] / "vault.example.toml"
TABLES = {
    "vault": sections.VaultSection,
    "sink": sections.SinkSection,
    "key": sections.KeySection,
    "verify": sections.VerifySection,
    "state": sections.StateSection,
    "workers": sections.WorkersSection,
    "plugins": sections.PluginsSection,
    "retention": sections.RetentionSection,
    "sources": sections.SourceSection,
    "transforms": sections.TransformSection,
}


def shown(table: str) -> set[str]:
    """The keys in the tables of that name, those in comments too."""
    text = FILE.read_text(encoding="utf-8")
    parts = re.findall(rf"^\[{table}(?:\.[\w-]+)?\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^(?:# )?([\w-]+) = ", "\n".join(parts), re.MULTILINE))


def test_it_is_a_right_configuration() -> None:
    config = load_config(FILE)

    assert config.source("desktop").transforms[0].name == "no-calls"


def test_what_it_says_of_bundled_plugins_is_right() -> None:
    config = load_config(FILE)
    host = Host(allow=frozenset())

    assert host.sink_spec(config.sink.type, config.sink.settings)
    for source in config.sources.values():
        assert host.source_spec(source.type, source.settings)


@pytest.mark.parametrize("table", TABLES)
def test_it_shows_every_key(table: str) -> None:
    assert set(TABLES[table].__struct_encode_fields__) <= shown(table)


def test_it_shows_every_key_of_bundled_plugins() -> None:
    for candidate in BUNDLED:
        brings = load(candidate).brings
        for kind, table in ((Kind.SINK, "sink"), (Kind.SOURCE, "sources"), (Kind.TRANSFORM, "transforms")):
            for cls in brings.get(kind, {}).values():
                assert set(cls.config.__struct_encode_fields__) <= shown(table)  # type: ignore[attr-defined]
