from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from restore_support import elsewhere, files_below, opened_in, restored, result
from tgvault.config.table import Table
from tgvault.engine import restoring
from tgvault.engine.extracting import PARTS
from tgvault.engine.ingesting import decode_content
from tgvault.engine.progress import NullProgress
from tgvault.engine.restoring import RestoreOptions, RestoreReport, restore
from tgvault.engine.retelling import ArchiveWriter
from tgvault.engine.selecting import Selection
from tgvault.errors import RestoreError, SinkUnavailableError, TargetNotEmptyError, UsageError
from tgvault.host.host import Host
from tgvault.model.findings import Finding, FindingKind
from tgvault.model.records import MediaRef, Message
from tgvault.testing import Fault, FaultKind, FaultySink
from tgvault.vault.opened import Vault
from tgvault.vault.packs import pack_name
from vault_support import START, FakeChat, FakeSource, MemoryVault, a_bundle, pictured, said

FILES = {"chats/photos/a.jpg": b"abc", "lists/x.json": b"[]"}


@pytest.fixture
def memory() -> MemoryVault:
    memory = MemoryVault()
    memory.back_up(FakeSource([FakeChat([pictured(1, "a.jpg"), said(2, "b")])], files=FILES))
    return memory


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_restore_tells_what_it_wrote(memory: MemoryVault, tmp_path: Path) -> None:
    snapshot = memory.snapshots()[-1]
    times = iter([START, START + timedelta(seconds=2.5)])
    options = RestoreOptions(tmp_path / "out")

    report = restore(
        opened_in(memory.vault, tmp_path / "state"),
        snapshot,
        options,
        jobs=0,
        now=lambda: next(times),
        progress=NullProgress(),
    )

    assert report == RestoreReport(
        snapshot=snapshot.id,
        target=str(tmp_path / "out"),
        chats=1,
        messages=2,
        gone=0,
        files=2,
        bytes=5,
        duration=2.5,
        findings=[],
    )


def test_losses_are_what_is_missing_and_no_notes() -> None:
    findings = [Finding(FindingKind.LOST, "a", count=3), Finding(FindingKind.NOTE, "b", count=5)]
    report = RestoreReport(
        snapshot="", target="", chats=0, messages=0, gone=0, files=0, bytes=0, duration=0, findings=findings
    )

    assert report.losses == 3


@pytest.mark.parametrize("exact", [False, True])
def test_media_alone_come_without_text(memory: MemoryVault, tmp_path: Path, exact: bool) -> None:
    report = restored(memory, tmp_path / "out", media_only=True, exact=exact)

    assert len(everything(tmp_path / "out")) == 2
    assert not (tmp_path / "out" / "result.json").exists()
    assert sorted(files_below(tmp_path / "out").values()) == [b"[]", b"abc"]
    assert report.files == 2


@pytest.mark.parametrize("exact", [False, True])
def test_only_what_was_restored_is_in_the_folder(memory: MemoryVault, tmp_path: Path, exact: bool) -> None:
    restored(memory, tmp_path / "out", exact=exact)

    assert len(everything(tmp_path / "out")) == 3
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["chats", "lists", "result.json"]
    assert sorted(path.name for path in tmp_path.glob("out-state/*")) == []


def test_what_was_restored_is_for_its_owner_only(memory: MemoryVault, tmp_path: Path) -> None:
    restored(memory, tmp_path / "a" / "out")

    assert (tmp_path / "a" / "out").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "out" / "result.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["there", "there/in"])
def test_a_folder_that_is_used_is_left_alone(memory: MemoryVault, tmp_path: Path, place: str) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "in").write_bytes(b"mine")

    with pytest.raises(TargetNotEmptyError, match=r"is not empty|is not a folder") as caught:
        restored(memory, tmp_path / place)

    assert caught.value.hint
    assert everything(tmp_path / "there") == ["in"]


def test_of_what_a_stopped_restore_left_the_way_out_is_told(memory: MemoryVault, tmp_path: Path) -> None:
    (tmp_path / "out" / PARTS).mkdir(parents=True)

    with pytest.raises(TargetNotEmptyError) as caught:
        restored(memory, tmp_path / "out")

    assert PARTS in str(caught.value.hint)


@pytest.mark.parametrize("place", ["state", "state/out", "vault/plain"])
def test_nothing_readable_goes_into_the_vaults_own_folders(memory: MemoryVault, tmp_path: Path, place: str) -> None:
    settings = Table.given({"path": str(tmp_path / "vault")}, label="test")
    opened = opened_in(memory.vault, tmp_path / "state", Host(allow=frozenset()).sink_spec("local", settings))
    options = RestoreOptions(tmp_path / place)

    with pytest.raises(UsageError, match="is the vault's own"):
        restore(opened, memory.snapshots()[-1], options, jobs=0, now=lambda: START, progress=NullProgress())

    assert not list(tmp_path.rglob("*.json"))


def test_a_message_that_is_asked_for_and_not_there_is_told(memory: MemoryVault, tmp_path: Path) -> None:
    report = restored(memory, tmp_path / "out", selection=Selection(messages=frozenset([2, 99])))

    assert report.messages == 1
    assert [(each.subject, each.is_loss) for each in report.findings] == [("message 99", True)]


def test_an_empty_folder_that_is_there_is_used(memory: MemoryVault, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    restored(memory, tmp_path / "out")

    assert (tmp_path / "out" / "result.json").exists()


def test_a_folder_that_cannot_be_made_is_an_error(
    memory: MemoryVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    opened = opened_in(memory.vault, tmp_path / "state")
    monkeypatch.setattr(Path, "mkdir", refuse)

    with pytest.raises(RestoreError, match="Permission denied"):
        restore(
            opened,
            memory.snapshots()[-1],
            RestoreOptions(tmp_path / "out"),
            jobs=0,
            now=lambda: START,
            progress=NullProgress(),
        )


@pytest.mark.parametrize(
    "selection",
    [
        Selection(chats=frozenset({"user:1"})),  # type: ignore[arg-type]
        Selection(messages=frozenset({1})),
        Selection(since=datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_exact_restore_is_of_everything(memory: MemoryVault, tmp_path: Path, selection: Selection) -> None:
    with pytest.raises(UsageError, match="whole export"):
        restored(memory, tmp_path / "out", exact=True, selection=selection)

    assert not (tmp_path / "out").exists()


def test_the_text_gets_its_name_last(memory: MemoryVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    place_part = restoring.place_part

    def watching(root: str, part: str, path: str) -> None:
        seen.append(everything(tmp_path / "out"))
        place_part(root, part, path)

    monkeypatch.setattr(restoring, "place_part", watching)
    restored(memory, tmp_path / "out")

    assert seen == [[f"{PARTS}/result.json", "chats/chat_1/photos/a.jpg", "lists/x.json"]]


class Stopped(ArchiveWriter):
    """A restore that is stopped in its middle."""

    error: BaseException = KeyboardInterrupt()

    def parts(self) -> Iterator[bytes]:
        yield b"{"
        raise self.error


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(errno.ENOSPC, "No space left on device"), RestoreError),
        (SinkUnavailableError("away"), SinkUnavailableError),
    ],
)
def test_a_restore_that_is_stopped_leaves_nothing_that_is_not_whole(
    memory: MemoryVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, raised: type
) -> None:
    monkeypatch.setattr(restoring, "ArchiveWriter", Stopped)
    monkeypatch.setattr(Stopped, "error", error)

    with pytest.raises(raised):
        restored(memory, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []
    assert list((tmp_path / "out-state").iterdir()) == []


def test_a_full_disk_says_what_to_do(memory: MemoryVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(Path, "rename", full)

    with pytest.raises(RestoreError, match="No space left on device") as caught:
        restored(memory, tmp_path / "out")

    assert "make room" in str(caught.value.hint)
    assert everything(tmp_path / "out") == []


def test_a_sink_that_goes_away_is_no_loss_but_an_error(memory: MemoryVault, tmp_path: Path) -> None:
    other = elsewhere(memory)
    snapshot = other.snapshots()[-1]
    sink = FaultySink(memory.sink, Fault(FaultKind.ERROR, "get", "packs/*"))

    with pytest.raises(SinkUnavailableError):
        restore(
            opened_in(Vault(sink, a_bundle(), other.vault.database), tmp_path / "state"),
            snapshot,
            RestoreOptions(tmp_path / "out"),
            jobs=0,
            now=lambda: START,
            progress=NullProgress(),
        )


def test_a_message_that_speaks_of_the_main_file_itself_does_no_harm(tmp_path: Path) -> None:
    memory = MemoryVault()
    body = said(1, "", file="result.json").body
    memory.back_up(
        FakeSource([FakeChat([Message(1, body, (MediaRef("file", "result.json"),))])], files={"result.json": b"{}"})
    )

    report = restored(memory, tmp_path / "out")
    exact = restored(memory, tmp_path / "exact", exact=True)

    assert result(tmp_path / "out")["chats"]["list"][0]["messages"][0]["file"] == "result (2).json"
    assert files_below(tmp_path / "out") == {"result (2).json": b"{}"}
    assert report.losses == 0
    assert result(tmp_path / "exact")["messages"][0]["file"] == "result.json"
    assert [found.subject for found in exact.findings] == ["result.json"]


def test_where_names_fold_no_file_takes_the_place_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = MemoryVault()
    files = {"lists/a.txt": b"1", "lists/A.txt": b"2"}
    memory.back_up(FakeSource(files=files))
    monkeypatch.setattr(restoring, "_folds", lambda target: True)

    restored(memory, tmp_path / "out")
    exact = restored(memory, tmp_path / "exact", exact=True)

    assert files_below(tmp_path / "out") == {"lists/A.txt": b"2", "lists/a (2).txt": b"1"}
    assert [(found.kind, found.subject) for found in exact.findings] == [(FindingKind.LOST, "lists/a.txt")]


def test_a_pack_that_the_disk_cannot_read_costs_what_is_in_it(tmp_path: Path) -> None:
    memory = MemoryVault()
    for number in range(5):
        memory.back_up(FakeSource(files={f"f/{each}": bytes([each]) * 5000 for each in range(number + 1)}))
    known = memory.vault.files.by_name("f/0")
    assert known is not None
    place = memory.vault.places.find(bytes.fromhex(decode_content(known.content).blob or ""))
    assert place is not None
    broken = pack_name(place.digest.hex())
    error = SinkUnavailableError("the disk failed")
    error.__cause__ = OSError(errno.EIO, "input/output error")
    sink = FaultySink(memory.sink, Fault(FaultKind.ERROR, "get", broken, error=error))
    opened = opened_in(Vault(sink, memory.vault.keys, memory.vault.database), tmp_path / "state")

    options = RestoreOptions(tmp_path / "out")
    report = restore(opened, memory.snapshots()[-1], options, jobs=0, now=lambda: START, progress=NullProgress())

    assert report.losses >= 1
    assert report.files == 5 - report.losses >= 3
