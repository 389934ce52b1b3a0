"""What may stand in the table of an external disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.errors import ConfigError
from tgvault.host.host import Host


def checked(text: str) -> object:
    config = parse_config(f'[sink]\ntype = "external-disk"\n{text}\n', file=Path("/etc/vault.toml"))
    return Host(allow=frozenset()).sink_spec(config.sink.type, config.sink.settings)


@pytest.mark.parametrize(
    "text",
    [
        'label = "BACKUP"',
        'volume = "6BBD-7BBC"',
        'label = "My Disk"\npath = "backups/telegram"',
        'label = "B"\npath = "tg vault"',
    ],
)
def test_a_name_or_an_id_and_a_folder_will_do(text: str) -> None:
    assert checked(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected one of `label` and `volume`"),
        ('label = "A"\nvolume = "B"', "expected one of `label` and `volume`"),
        ('label = " "', "not empty"),
        ('volume = ""', "not empty"),
        *((f'label = "A"\npath = {path!r}', "a folder on the disk") for path in ("", ".", "/", "/a", "a/..", "a//b")),
        *((f'label = "A"\npath = {path!r}', "a folder on the disk") for path in ("C:", "..\\a", "\\a", "./a")),
    ],
)
def test_what_cannot_be_is_told(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        checked(text)
