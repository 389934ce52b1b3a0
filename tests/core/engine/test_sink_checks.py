"""A doctor looks at copies: where their credential is, whether they are there, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from copy_support import Pair
from guarded_sink import PASSWORD, USER, install_guarded
from tgvault.config.config import parse_config
from tgvault.engine.machine_checks import Check
from tgvault.engine.sink_checks import check_copy
from tgvault.host.host import Host
from tgvault.vault.header import HEADER

RIGHT = {"TGVAULT_CREDENTIAL_CLOUD_USER": USER, "TGVAULT_CREDENTIAL_CLOUD_PASS_WORD": PASSWORD}


@dataclass
class Ground:
    """A folder for copies, and the id that the configuration has."""

    folder: Path
    host: Host
    vault_id: str

    def check(self, table: str, environment: dict[str, str] | None = None) -> Check:
        text = f'[vault]\nid = "{self.vault_id}"\n[sink]\ntype = "local"\npath = "v"\n[copies.cloud]\n{table}'
        config = parse_config(text, file=self.folder / "vault.toml")
        return check_copy(config.copy("cloud"), config, host=self.host, environment=environment or {})


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A place where the `vault.json` of a vault lies in a folder `copy`."""
    install_guarded(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    pair = Pair()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / HEADER).write_bytes(pair.primary.get(HEADER))
    return Ground(tmp_path, Host(), pair.made.bundle.vault_id)


def test_a_copy_that_is_there_says_where_its_credential_is(ground: Ground) -> None:
    found = ground.check('type = "guarded"\npath = "copy"\n', RIGHT)

    assert found == Check(
        name="copy cloud",
        ok=True,
        detail="of type `guarded`, its credential from `$TGVAULT_CREDENTIAL_CLOUD_…`",
    )


def test_a_copy_that_asks_for_nothing_says_its_type(ground: Ground) -> None:
    assert ground.check('type = "local"\npath = "copy"\n').detail == "of type `local`"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('type = "guarded"\npath = "copy"\n', "wants to know `user`, `pass-word`, and nothing says it"),
        ('type = "local"\npath = "nowhere"\n', "there is no folder"),
        ('type = "nonsense"\n', "no plugin brings the sink `nonsense`"),
        ('type = "local"\n', "`path` is missing"),
    ],
)
def test_a_copy_that_cannot_be_reached_says_why(ground: Ground, table: str, said: str) -> None:
    found = ground.check(table)

    assert not found.ok
    assert said in found.detail


def test_a_copy_that_was_not_begun_says_how(ground: Ground) -> None:
    (ground.folder / "copy" / HEADER).unlink()

    found = ground.check('type = "local"\npath = "copy"\n')

    assert (found.ok, found.detail) == (False, "no copy of the vault is at its place")
    assert "`tgvault sync cloud --init`" in (found.hint or "")


def test_another_vault_in_the_place_of_a_copy_is_named(ground: Ground) -> None:
    theirs, ground.vault_id = ground.vault_id, "f" * 32

    found = ground.check('type = "local"\npath = "copy"\n')

    assert (found.ok, found.detail) == (False, f"there is another vault at its place, `{theirs}`")


AWAY = """
from typing import ClassVar
import msgspec
from tgvault.api import SinkWaitingError, hookimpl
from tgvault.testing import MemorySink

class Settings(msgspec.Struct):
    pass

class Away(MemorySink):
    config: ClassVar = Settings

    def __init__(self, config):
        super().__init__()

    def get(self, name):
        raise SinkWaitingError("no disk `BACKUP` is plugged in", hint="plug it in")

@hookimpl
def tgvault_sinks():
    return {"away": Away}
"""


def test_a_disk_that_is_not_plugged_in_is_waiting_and_no_fault(ground: Ground) -> None:
    (ground.folder / "site" / "away_sink.py").write_text(AWAY)
    folder = ground.folder / "site" / "guard-1.0.dist-info"
    (folder / "entry_points.txt").write_text("[tgvault.plugins]\naway = away_sink\n")

    found = ground.check('type = "away"\n')

    assert (found.ok, found.detail, found.hint) == (True, "waiting: no disk `BACKUP` is plugged in", "plug it in")
