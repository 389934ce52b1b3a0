"""The guide to external disks shows settings that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.errors import SinkWaitingError
from tgvault.host.host import Host
from tgvault_plugins.external_disk import ExternalDiskConfig
from tgvault_plugins.external_disk.volumes import choose

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "external-disks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    text = block if "[sink]" in block else f'[sink]\ntype = "local"\npath = "vault"\n{block}'

    config = parse_config(text, file=tmp_path / "vault.toml")

    for each in (config.sink, *config.copies.values()):
        assert Host(allow=frozenset()).sink_spec(each.type, each.settings)


def test_what_it_says_of_a_missing_disk_is_what_is_said() -> None:
    with pytest.raises(SinkWaitingError) as caught:
        choose(ExternalDiskConfig(label="BACKUP"), [])

    assert f"error: {caught.value}\n\nhint: {caught.value.hint}\n" in GUIDE
    assert f"exit code {SinkWaitingError.exit_code}" in GUIDE
