"""What the guide to the cloud shows is right, and nothing is left out."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.host.host import Host
from tgvault_plugins.cloud import tgvault_sinks

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "cloud.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("table", TABLES)
def test_each_table_is_a_right_configuration(table: str) -> None:
    config = parse_config(f'[sink]\ntype = "local"\npath = "v"\n\n{table}', file=Path("/etc/vault.toml"))

    (copy,) = config.copies.values()
    assert Host(allow=frozenset()).sink_spec(copy.type, copy.settings)


def test_each_sink_has_an_example_and_all_its_keys() -> None:
    shown = set(re.findall(r'^type = "(\w+)"$', "\n".join(TABLES), re.MULTILINE))
    keys = set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE))

    assert shown == set(tgvault_sinks())
    for cls in tgvault_sinks().values():
        assert set(cls.config.__struct_encode_fields__) <= keys


def test_the_policy_for_amazon_is_json_and_gives_four_rights() -> None:
    (policy,) = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)

    rights = [each["Action"] for each in json.loads(policy)["Statement"]]
    assert rights == ["s3:ListBucket", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]]


def test_the_line_that_renames_files_of_a_drive_renames_them(tmp_path: Path) -> None:
    (line,) = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    for name in ("packs~ab~c.age", "vault.json", "keys~a.age"):
        (tmp_path / name).write_text(name)

    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)

    files = sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file())
    assert files == ["keys/a.age", "packs/ab/c.age", "vault.json"]
