"""The guide to copies shows settings that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.engine.credentials import own_variable
from tgvault.host.credentials import credential_fields
from tgvault.host.host import Host
from tgvault_plugins.cloud import tgvault_sinks

GUIDES = sorted((Path(__file__).parents[2] / "docs" / "guides").glob("*.md"))
GUIDE = next(page for page in GUIDES if page.name == "copies.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    config = parse_config(f'[sink]\ntype = "local"\npath = "vault"\n{block}', file=tmp_path / "vault.toml")

    for each in config.copies.values():
        assert Host(allow=frozenset()).sink_spec(each.type, each.settings)


def test_the_variable_that_is_shown_is_the_one() -> None:
    assert f"`{own_variable('cloud', 'secret-access-key')}`" in GUIDE


def test_the_fields_of_every_credential_are_listed(tmp_path: Path) -> None:
    tables = re.findall(r"^```toml\n(\[copies.*?)^```", "".join(map(_text, GUIDES)), re.MULTILINE | re.DOTALL)
    file, own = tmp_path / "vault.toml", '[sink]\ntype = "local"\n'
    copies = {copy.type: copy for each in tables for copy in parse_config(own + each, file=file).copies.values()}
    wanted = {
        type_: {field.name for field in credential_fields(Host(allow=frozenset()).sink_spec(type_, copy.settings))}
        for type_, copy in copies.items()
    }

    rows = re.findall(
        r"^\| (`\w.*?) \| (`.*) \|$", GUIDE.partition("| sink | fields |")[2].partition("###")[0], re.MULTILINE
    )
    listed = {sink: set(_words(fields)) for sinks, fields in rows for sink in _words(sinks)}
    assert listed == {type_: fields for type_, fields in wanted.items() if fields}
    assert set(tgvault_sinks()) <= set(listed)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _words(cell: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", cell)
