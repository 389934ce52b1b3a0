"""What a restore gives of a vault that is damaged: all that is good, nothing that is not, and what is lost by name."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from export_support import QUICK, Export, Kept, Picture, Said, Talk, as_pairs, kept_in, merged, read_pairs
from restore_support import DiskVault, files_below, result
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Recipient, seal
from tgvault.engine import filing, ingesting
from tgvault.engine.restoring import RestoreReport
from tgvault.errors import ForgedObjectError, HiddenSnapshotError, RestoreError, RolledBackError, VaultError
from tgvault.host.spec import build
from tgvault.model.findings import Finding, FindingKind
from tgvault.testing import flip_byte, swap, truncate
from tgvault.vault import packs, writer

#: Bytes of a frame and of a pack, so small that a little export makes a vault of many packs.
FRAME, PACK = 1500, 3000

#: zstd for nothing at all.
EMPTY_FRAME = b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"

Damage = Callable[[Sink, ObjectName, ObjectName, bytes], None]

DAMAGES: dict[str, Damage] = {
    "flipped": lambda sink, name, other, forged: flip_byte(sink, name, at=len(sink.get(name)) // 2),
    "cut off": lambda sink, name, other, forged: truncate(sink, name),
    "emptied": lambda sink, name, other, forged: truncate(sink, name, keep=0),
    "deleted": lambda sink, name, other, forged: sink.delete(name),
    "swapped": lambda sink, name, other, forged: swap(sink, name, other),
    "forged": lambda sink, name, other, forged: sink.replace(name, forged),
}


def first_export() -> Export:
    noise = random.Random(1).randbytes
    talks = []
    for number in range(1, 7):
        folder = f"chats/chat_{number:02}/"
        said = []
        for each in range(1, 300 if number < 3 else 40):
            picture = Picture(f"{folder}photos/{each}.jpg", noise(700)) if each % 13 == number else None
            said.append(Said(each, f"text {noise(40).hex()}", picture))
        talks.append(Talk(number, "personal_chat", f"Chat {number}", tuple(said)))
    big = Picture("chats/chat_01/files/big.bin", bytes(4 << 20) + b"end")
    talks[0] = Talk(1, "personal_chat", "Chat 1", (*talks[0].messages, Said(500, "big", big)))
    return Export(tuple(talks), documents=(("contacts", {"list": [noise(900).hex()]}),), files={"lists/x.json": b"[]"})


def second_export(first: Export) -> Export:
    talks = []
    for talk in first.talks:
        after = [said for said in talk.messages if (said.id or 0) % 10 != talk.id]
        edited = {20: 1_700_000_000, 300: 1_700_000_001}
        after = [
            replace(said, text=f"{said.text} again", edited=edited[said.id]) if said.id in edited else said
            for said in after
        ]
        talks.append(Talk(talk.id, talk.type, talk.name, (*after, Said(1000, "new"))))
    return Export(tuple(talks), documents=first.documents, files=first.files)


FIRST = first_export()
SECOND = second_export(FIRST)
KEPT = merged(FIRST, SECOND)


@pytest.fixture(scope="module")
def whole() -> Iterator[DiskVault]:
    """A vault of two runs in many small packs."""
    with tempfile.TemporaryDirectory(dir=QUICK) as name:
        yield _made(Path(name))


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=QUICK) as name:
        yield Path(name)


def _made(folder: Path) -> DiskVault:
    with pytest.MonkeyPatch.context() as patch:
        for module, name, size in (
            (filing, "MEDIA_PACK", PACK),
            (writer, "TEXT_PACK", PACK),
            (writer, "SHARED_FRAME", FRAME),
            (ingesting, "SHARED_FRAME", FRAME),
            (packs, "SHARED_FRAME", FRAME),
        ):
            patch.setattr(module, name, size)
        vault = DiskVault(folder / "vault")
        vault.back_up(FIRST.write(folder / "first"), observed_at="2026-01-01T00:00:00Z")
        vault.back_up(SECOND.write(folder / "second"), observed_at="2026-02-01T00:00:00Z")
    vault.restore(folder / "out")
    assert kept_in(folder / "out") == KEPT
    assert len(vault.objects("packs/")) > 20
    return vault


@pytest.fixture
def vault(whole: DiskVault, tmp_path: Path) -> DiskVault:
    """A copy of it to be damaged, on a machine that does not know it yet."""
    shutil.copytree(whole.folder, tmp_path / "vault" / "vault")
    return DiskVault(tmp_path / "vault")


@pytest.fixture
def known(vault: DiskVault) -> DiskVault:
    """The same on a machine that has seen it."""
    vault.snapshots()
    return vault


def each_damaged(vault: DiskVault, kind: str, prefix: str, *, fresh: bool = False) -> Iterator[ObjectName]:
    """Damage one object after another and mend it again: some of many, but all of them where a byte is flipped."""
    sink = build(vault.spec)
    names = sorted(ObjectName(name) for name in vault.objects(prefix))
    forged = seal(EMPTY_FRAME, [_recipient(vault, prefix)])
    step = 4 if prefix == "packs/" and kind != "flipped" else 1
    for name, other in list(zip(names, names[1:] + names[:1], strict=True))[::step]:
        good = {each: sink.get(each) for each in (name, other)}
        DAMAGES[kind](sink, name, other, forged)
        if fresh:
            shutil.rmtree(vault.state, ignore_errors=True)
        yield name
        for each, data in good.items():
            sink.replace(each, data)


def _recipient(vault: DiskVault, prefix: str) -> Recipient:
    assert vault.bundle.data is not None
    return (vault.bundle.index if prefix == "index/" else vault.bundle.data).recipient


def check(out: Path, report: RestoreReport) -> int:
    """Make sure that all of a restore is good and that what it lacks is told; gives the number of messages it lacks."""
    assert not [path for path in out.rglob("*") if "tgvault-part" in path.name]
    there = kept_in(out)
    lost = 0
    for number, chat in KEPT.items():
        for message, kept in chat.items():
            if message in there.get(number, {}):
                _check_message(there[number][message], kept, report, f"user:{number}")
            else:
                lost += 1
                assert _is_told(report, number, message, gone=kept.gone), (number, message)
    contents = {*FIRST.contents().values(), *SECOND.contents().values()}
    assert set(files_below(out).values()) <= contents
    assert (report.losses > 0) == bool([found for found in report.findings if found.is_loss])
    return lost


def _check_message(there: Kept, kept: Kept, report: RestoreReport, chat: str) -> None:
    assert there.text == kept.text
    assert there.content in {kept.content, None}
    if there.content != kept.content:
        assert any(found.subject.startswith("chats/") for found in report.findings)
    if (there.gone, there.earlier) != (kept.gone, kept.earlier):
        assert not there.earlier
        assert any(found.subject.startswith("gone messages and earlier texts") for found in report.findings)


_RANGE = re.compile(r"(messages|gone messages and earlier texts) (-?\d+)(?: to (-?\d+))? of chat user:(\d+)")
_CHATS = re.compile(r"chats (\S+)(?: to (\S+))?")


def _is_told(report: RestoreReport, chat: int, message: int, *, gone: bool) -> bool:
    return any(_tells(found, chat, message, gone=gone) for found in report.findings)


def _tells(found: Finding, chat: int, message: int, *, gone: bool) -> bool:
    if found.kind is not FindingKind.LOST:
        return False
    chats = _CHATS.fullmatch(found.subject)
    if chats:
        return chats[1] <= f"user:{chat}" <= (chats[2] or chats[1])
    rows = _RANGE.fullmatch(found.subject)
    if not rows or int(rows[4]) != chat or (rows[1] == "messages") == gone:
        return False
    return int(rows[2]) <= message <= int(rows[3] or rows[2])


@pytest.mark.parametrize("kind", DAMAGES)
def test_beside_a_damaged_pack_everything_else_comes_back(known: DiskVault, tmp_path: Path, kind: str) -> None:
    lost = []
    for name in each_damaged(known, kind, "packs/"):
        out = tmp_path / name.rpartition("/")[2]
        report = known.restore(out)
        lost.append(check(out, report))
        # Of swapped packs the other one may be what something was lost by.
        assert name in " ".join(found.detail for found in report.findings) or kind == "swapped" or not report.findings
        shutil.rmtree(out)

    # One pack has the list of all chats; any other costs its own messages.
    assert lost.count(sum(map(len, KEPT.values()))) <= 1
    # How the messages lie in the packs comes from the vault's random key; that some lie in them does not.
    assert kind != "flipped" or any(lost)


@pytest.mark.parametrize("kind", DAMAGES)
def test_an_exact_restore_gives_what_is_good_or_the_way_out(known: DiskVault, tmp_path: Path, kind: str) -> None:
    contents, refused = SECOND.contents(), 0
    for name in each_damaged(known, kind, "packs/"):
        out = tmp_path / name.rpartition("/")[2]
        try:
            report = known.restore(out, exact=True)
        except RestoreError as error:
            refused += "without `--exact`" in str(error.hint) and not out.exists()
            continue
        files = files_below(out)
        assert files.items() <= contents.items()
        assert contents.keys() - files.keys() <= {found.subject for found in report.findings} | _unplaced(report)
        assert _exact_texts(out).items() <= _texts(SECOND).items()
        good = read_pairs(out / "result.json") == as_pairs(SECOND.members()) and files == contents
        assert good == (report.losses == 0)
        shutil.rmtree(out)

    assert refused < 5
    assert kind != "flipped" or refused > 0


def _unplaced(report: RestoreReport) -> set[str]:
    """Files of messages that are lost themselves."""
    if any(found.subject.startswith(("messages", "files")) for found in report.findings):
        return set(SECOND.contents())
    return set()


def _texts(export: Export) -> dict[tuple[int | None, int | None], str]:
    return {(talk.id, said.id): said.text for talk in export.talks for said in talk.messages}


def _exact_texts(out: Path) -> dict[tuple[int | None, int | None], str]:
    return {
        (chat["id"], each["id"]): each["text"] for chat in result(out)["chats"]["list"] for each in chat["messages"]
    }


@pytest.mark.parametrize("kind", DAMAGES)
def test_workers_write_nothing_that_is_not_good_either(known: DiskVault, tmp_path: Path, kind: str) -> None:
    known.jobs = 1
    largest = max(known.objects("packs/").items(), key=lambda row: row[1])[0]
    for name in each_damaged(known, kind, largest):
        report = known.restore(tmp_path / "out")

        check(tmp_path / "out", report)
        assert report.losses == (0 if kind == "swapped" else report.losses)
        assert name


@pytest.mark.parametrize("kind", DAMAGES)
def test_without_an_index_object_the_packs_tell_where_everything_is(
    vault: DiskVault, tmp_path: Path, kind: str
) -> None:
    for name in each_damaged(vault, kind, "index/", fresh=True):
        out = tmp_path / name.rpartition("/")[2]

        report = vault.restore(out)

        assert kept_in(out) == KEPT
        assert report.findings == []


@pytest.mark.parametrize("kind", ["flipped", "cut off", "emptied", "swapped", "forged"])
def test_a_damaged_manifest_bars_no_other_snapshot(vault: DiskVault, tmp_path: Path, kind: str) -> None:
    first, last = sorted(vault.objects("snapshots/"))
    for name in each_damaged(vault, kind, "snapshots/", fresh=True):
        if kind == "swapped":
            assert vault.snapshots() == []
            continue
        report = vault.restore(tmp_path / name[-70:], exact=True)
        assert report.findings == []
        assert files_below(tmp_path / name[-70:]) == (FIRST if name == last else SECOND).contents()
        assert first


def test_a_manifest_that_is_away_is_missed(known: DiskVault, tmp_path: Path) -> None:
    errors = []
    for _ in each_damaged(known, "deleted", "snapshots/"):
        with pytest.raises(VaultError) as caught:
            known.restore(tmp_path / "out")
        errors.append(type(caught.value))

    assert errors == [HiddenSnapshotError, RolledBackError]
    assert not (tmp_path / "out").exists()


def test_a_manifest_that_somebody_made_up_is_no_snapshot(known: DiskVault, tmp_path: Path) -> None:
    assert known.bundle.data is not None
    forged = seal(EMPTY_FRAME, [known.bundle.data.recipient])
    build(known.spec).put(ObjectName(f"snapshots/20270101T000000Z-{hashlib.sha256(forged).hexdigest()}.age"), forged)

    with known.opened() as opened:
        assert len(opened.vault.sync()) == 2
        with pytest.raises(ForgedObjectError):
            opened.vault.require_manifests()
    assert known.restore(tmp_path / "out").findings == []
