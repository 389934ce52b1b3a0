"""The guide's way from one place to three, and back from the loss of the first, on a real bucket and a real disk."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.support import Tried
from cli.transcript import Step, matches, steps
from disk_support import LoopDisk, loop_disk
from servers.seaweed import Seaweed
from tgvault_plugins.external_disk import ExternalDiskSink

Run = Callable[..., Tried]

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "copies.md").read_text(encoding="utf-8")
EXPORT = Path(__file__).parent / "exports" / "DataExport_2026-11-01"


def shown(heading: str) -> list[Step]:
    """The commands below a heading of the guide, each with what it is to print."""
    _, found, section = GUIDE.partition(f"## {heading}\n")
    assert found, f"the guide has no section `{heading}`"
    return list(steps(section.partition("```console\n")[2].partition("```")[0]))


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Seaweed]:
    with Seaweed(tmp_path / "seaweed") as server:
        yield server


@pytest.fixture
def drawer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopDisk]:
    """The disk of the guide, plugged in."""
    (tmp_path / "disk").mkdir()
    with loop_disk("exfat", tmp_path / "disk", label="BACKUP", size=64 << 20) as disk:
        monkeypatch.setitem(ExternalDiskSink.__init__.__kwdefaults__, "mounted", disk.volumes)
        yield disk


@pytest.fixture
def play(tgvault: Run, bucket: Seaweed) -> Callable[[str], Tried]:
    """Run a command of the guide, with the bucket and its key in place of those that the reader has."""

    def run(command: str) -> Tried:
        line = command.replace("bucket=ann-telegram region=eu-central-1", f"bucket={bucket.bucket} endpoint=ENDPOINT")
        program, *words = shlex.split(line.replace("ENDPOINT", bucket.endpoint))
        assert program == "tgvault"
        asked = f"{bucket.access_key}\n{bucket.secret_key}\n" if "s3" in words else ""
        return tgvault("--vault", "vault.toml", *words, stdin=asked)

    return run


@pytest.mark.usefixtures("keyring", "drawer")
def test_the_guide_leads_from_an_empty_bucket_to_3_2_1_and_back_from_a_loss(
    play: Callable[[str], Tried], tgvault: Run, tmp_path: Path, bucket: Seaweed
) -> None:
    made = tgvault("--vault", "vault.toml", "init", "--path", "vault", "--kit", "kit.txt", "--state", "state")
    first = tgvault("--vault", "vault.toml", "import", str(EXPORT))
    assert (made.code, first.code) == (0, 0), made.err + first.err

    for step in shown("From one place to three"):
        done = play(step.command)
        assert done.code == 0, f"{step.command}: {done.err}"
        assert matches(step.expected or "...", done.out.strip()), f"{step.command}:\n{done.out}"
        assert bucket.secret_key not in done.out + done.err
    before = play("tgvault restore latest --to before")
    shutil.rmtree(tmp_path / "vault")
    for step in shown("When the vault's own place is lost"):
        done = play(step.command)
        assert done.code == 0, f"{step.command}: {done.err}"
    after = play("tgvault restore latest --to after")

    assert (before.code, after.code) == (0, 0)
    assert play("tgvault status --check").code == 0
    assert (tmp_path / "before" / "result.json").read_bytes() == (tmp_path / "after" / "result.json").read_bytes()
    assert bucket.secret_key not in (tmp_path / "vault.toml").read_text()
