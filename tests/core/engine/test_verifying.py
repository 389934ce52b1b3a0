from __future__ import annotations

import errno
import hashlib
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from restore_support import DiskVault, opened_in
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import seal
from tgvault.engine import verifying
from tgvault.engine.progress import NullProgress
from tgvault.engine.verifying import Level, VerifyReport, verify
from tgvault.errors import SinkUnavailableError
from tgvault.host.spec import build
from tgvault.testing import Fault, FaultKind, FaultySink, flip_byte, swap, truncate
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER
from tgvault.vault.opened import Vault
from vault_support import START, FakeSource, MemoryVault

MEDIA = {f"photos/{number}.jpg": random.Random(number).randbytes(5000) for number in range(6)}


def export(folder: Path, *, texts: dict[int, str], media: dict[str, bytes]) -> Path:
    """A small single-chat export: a message for each text, and one for each file."""
    for name, data in media.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    messages = [
        {"id": number, "type": "message", "date_unixtime": str(number), "text": text} for number, text in texts.items()
    ]
    messages += [
        {"id": 5000 + at, "type": "message", "date_unixtime": "5000", "photo": name} for at, name in enumerate(media)
    ]
    chat = {"name": "Ben", "type": "personal_chat", "id": 7, "messages": messages}
    (folder / "result.json").write_text(json.dumps(chat))
    return folder


@pytest.fixture
def vault(tmp_path: Path) -> DiskVault:
    """A vault of two snapshots, the second with an edit, a deletion and another file."""
    vault = DiskVault(tmp_path / "vault")
    texts = {number: f"text {number}" for number in range(1, 400)}
    first = dict(list(MEDIA.items())[:5])
    vault.back_up(export(tmp_path / "1", texts=texts, media=first), observed_at="2026-01-01T00:00:00Z")
    texts[5] = "edited"
    del texts[300]
    vault.back_up(export(tmp_path / "2", texts=texts, media=MEDIA), observed_at="2026-01-02T00:00:00Z")
    return vault


def forget(vault: DiskVault) -> None:
    """Another machine, or this one after its state was lost."""
    for path in vault.state.glob("*.db*"):
        path.unlink()


def named(report: VerifyReport) -> set[tuple[str, str]]:
    return {(problem.object, problem.kind) for problem in report.problems}


def sink(vault: DiskVault) -> Sink:
    return build(vault.spec)


def packs(vault: DiskVault) -> list[ObjectName]:
    return sorted(ObjectName(name) for name in vault.objects("packs/"))


def media_pack(vault: DiskVault) -> ObjectName:
    """The larger one of the first run's packs: photos do not become smaller."""
    return ObjectName(max(vault.objects("packs/").items(), key=lambda row: row[1])[0])


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("level", list(Level))
def test_of_a_good_vault_nothing_is_said(vault: DiskVault, level: Level, known: bool) -> None:
    if not known:
        forget(vault)

    report = vault.verify(level)

    assert report.problems == []
    assert (report.level, report.snapshots, report.leftover) == (level, 2, 0)
    assert (report.objects, report.bytes) == (len(vault.objects()), sum(vault.objects().values()))
    assert report.packs_total == len(packs(vault))
    assert report.packs == (len(packs(vault)) if level is Level.DATA else 0)
    assert (report.blobs > 0) == (level is Level.DATA)


def test_workers_find_the_same(vault: DiskVault) -> None:
    flip_byte(sink(vault), media_pack(vault))
    here = vault.verify()
    vault.jobs = 2

    there = vault.verify()

    assert there.problems == here.problems
    assert (there.packs, there.blobs) == (here.packs, here.blobs)


@pytest.mark.parametrize("known", [True, False])
def test_a_flipped_byte_is_found_wherever_it_is_and_its_object_is_named(vault: DiskVault, known: bool) -> None:
    missed = []
    for name, size in vault.objects().items():
        path, good = vault.path(name), vault.path(name).read_bytes()
        for at in (0, size - 1, random.Random(name).randrange(size)):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            if not known:
                forget(vault)
            if name not in {problem.object for problem in vault.verify().problems}:
                missed.append((name, at))
        path.write_bytes(good)

    assert missed == []
    assert vault.verify().problems == []


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("level", list(Level))
def test_an_object_that_is_away_is_named(vault: DiskVault, level: Level, known: bool) -> None:
    missed = []
    vault.verify()
    for name in vault.objects():
        path, good = vault.path(name), vault.path(name).read_bytes()
        path.unlink()
        if not known:
            forget(vault)
        report = vault.verify(level)
        said = " ".join(f"{problem.object} {problem.message}" for problem in report.problems)
        if name not in said and name.rpartition("-")[2][:8] not in said:
            missed.append(name)
        path.write_bytes(good)

    # A machine that has never seen them cannot know of the newest snapshot, nor the name of an index object.
    gone_unseen = {name for name in missed if name.startswith("snapshots/")}
    unnamed = {name for name in missed if name.startswith("index/")}
    assert set(missed) == gone_unseen | unnamed
    assert len(missed) == (0 if known else 3)


@pytest.mark.parametrize("level", [Level.INDEX, Level.DATA])
def test_packs_that_an_index_object_nobody_saw_would_list_are_named(vault: DiskVault, level: Level) -> None:
    for name in vault.objects("index/"):
        vault.path(name).unlink()
    forget(vault)

    report = vault.verify(level)

    assert named(report) == {(name, "MissingObjectError") for name in ("index", *packs(vault))}
    assert all("next backup lists them again" in str(problem.hint) for problem in report.problems)
    assert report.leftover == 0


def test_the_lack_of_an_index_object_is_told_without_a_look_into_packs(vault: DiskVault) -> None:
    for name in vault.objects("index/"):
        vault.path(name).unlink()
    forget(vault)

    report = vault.verify(Level.OBJECTS)

    assert named(report) == {("index", "MissingObjectError")}
    assert report.leftover == 0


def test_after_the_next_backup_nothing_is_wrong_with_the_index(vault: DiskVault, tmp_path: Path) -> None:
    for name in vault.objects("index/"):
        vault.path(name).unlink()
    forget(vault)

    (tmp_path / "3").mkdir()
    vault.back_up(export(tmp_path / "3", texts={1: "one"}, media={}))

    forget(vault)
    assert vault.verify().problems == []


@pytest.mark.parametrize("prefix", ["index/", "snapshots/"])
def test_swapped_objects_are_told_with_the_other_ones_name(vault: DiskVault, prefix: str) -> None:
    one, other = (ObjectName(name) for name in sorted(vault.objects(prefix))[:2])
    swap(sink(vault), one, other)

    report = vault.verify(Level.OBJECTS)

    messages = {problem.object: problem.message for problem in report.problems if problem.kind == "SwappedObjectError"}
    assert other in messages[one]
    assert one in messages[other]


def test_a_pack_that_is_cut_off_or_longer_is_found_by_its_size(vault: DiskVault) -> None:
    short, long = packs(vault)[:2]
    truncate(sink(vault), short)
    vault.path(long).write_bytes(vault.path(long).read_bytes() + b"\0")

    report = vault.verify(Level.OBJECTS)

    assert named(report) == {(short, "TruncatedObjectError"), (long, "CorruptObjectError")}
    assert all(problem.hint for problem in report.problems)


def test_level_objects_does_not_read_packs(vault: DiskVault) -> None:
    for name in packs(vault):
        flip_byte(sink(vault), name)

    assert vault.verify(Level.OBJECTS).problems == []


def test_level_index_reads_all_text_and_no_media(vault: DiskVault) -> None:
    for name in packs(vault):
        flip_byte(sink(vault), name)
        report = vault.verify(Level.INDEX)
        flip_byte(sink(vault), name)

        found = any(name in problem.message for problem in report.problems)
        with vault.opened() as opened:
            blobs = opened.vault.places.in_pack(bytes.fromhex(name.rpartition("/")[2][:64]))
        assert found == (max(place.length for place in blobs) != 5000), name


def test_swapped_packs_are_told(vault: DiskVault) -> None:
    one, other = packs(vault)[:2]
    swap(sink(vault), one, other)

    assert {(one, "SwappedObjectError"), (other, "SwappedObjectError")} <= named(vault.verify())


@pytest.mark.parametrize("prefix", ["index/", "snapshots/"])
def test_what_was_made_with_nothing_but_the_public_recipients_is_told(vault: DiskVault, prefix: str) -> None:
    recipient = vault.bundle.index.recipient if prefix == "index/" else vault.bundle.data.recipient  # type: ignore[union-attr]
    data = seal(b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00", [recipient])
    digest = hashlib.sha256(data).hexdigest()
    name = ObjectName(f"index/{digest}.age" if prefix == "index/" else f"snapshots/20260101T000000Z-{digest}.age")
    build(vault.spec).put(name, data)

    assert named(vault.verify(Level.OBJECTS)) == {(name, "ForgedObjectError")}


def test_a_vault_json_of_another_vault_is_told(vault: DiskVault, tmp_path: Path) -> None:
    other = DiskVault(tmp_path / "other", bundle=KeyBundle.generate())
    vault.path(HEADER).write_bytes(other.path(HEADER).read_bytes())

    assert (HEADER, "ForgedObjectError") in named(vault.verify(Level.OBJECTS))


def leave_over(vault: DiskVault) -> list[ObjectName]:
    """Take away the last run's index object and manifest, as if it had been killed before them; give its packs."""
    times = {name: vault.path(name).stat().st_mtime_ns for name in vault.objects()}
    first, last = sorted(vault.objects("snapshots/"))
    for name in (last, max(vault.objects("index/"), key=times.__getitem__)):
        vault.path(name).unlink()
    forget(vault)
    return [name for name in packs(vault) if times[name] > times[first]]


def test_packs_of_a_killed_run_are_told_and_are_no_problem(vault: DiskVault) -> None:
    left = leave_over(vault)

    report = vault.verify()

    assert left
    assert (report.leftover, report.problems) == (len(left), [])
    assert report.packs == report.packs_total == len(packs(vault)) - len(left)


def test_a_flipped_byte_in_a_leftover_pack_is_named_with_the_way_out(vault: DiskVault) -> None:
    left = leave_over(vault)[0]
    flip_byte(sink(vault), left)

    (problem,) = vault.verify().problems

    assert (problem.object, problem.kind) == (left, "CorruptObjectError")
    assert "delete it" in str(problem.hint)


def test_samples_come_to_every_pack_in_turn(vault: DiskVault) -> None:
    reads = []
    for _ in range(2 * len(packs(vault))):
        before = verified(vault)
        report = vault.verify(sample=0.01)
        reads.append({digest for digest, time in verified(vault).items() if before.get(digest) != time})
        assert report.packs == 1

    half = len(packs(vault))
    assert {digest for read in reads[:half] for digest in read} == {digest for read in reads[half:] for digest in read}
    assert len(verified(vault)) == half


def test_a_damaged_pack_does_not_keep_the_others_from_their_turn(vault: DiskVault) -> None:
    for name in packs(vault)[:-1]:
        flip_byte(sink(vault), name)

    found = set()
    for _ in packs(vault):
        found |= {problem.object for problem in vault.verify(sample=0.01).problems} & set(packs(vault))

    assert found == set(packs(vault)[:-1])
    assert len(verified(vault)) == 1


def test_a_sample_has_at_least_its_share_of_the_bytes(vault: DiskVault) -> None:
    vault.verify(sample=0.9)

    sizes = vault.objects("packs/")
    read = sum(sizes[f"packs/{digest.hex()[:2]}/{digest.hex()}.age"] for digest in verified(vault))
    assert read >= 0.9 * sum(sizes.values())


def test_what_was_read_before_a_run_is_stopped_is_remembered(vault: DiskVault, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def stop(self: object, done: object, time: str) -> None:
        if told:
            raise KeyboardInterrupt
        told.append(done)
        pack_done(self, done, time)

    pack_done = verifying._Verification._pack_done
    monkeypatch.setattr(verifying._Verification, "_pack_done", stop)

    with pytest.raises(KeyboardInterrupt):
        vault.verify()

    assert len(verified(vault)) == 1


def verified(vault: DiskVault) -> dict[bytes, str]:
    with vault.opened() as opened:
        return opened.vault.memory.verified(Level.DATA)


def test_many_packs_make_few_tasks(vault: DiskVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "MAX_TASKS", 2)

    report = vault.verify()

    assert report.packs == len(packs(vault))
    assert report.problems == []


def test_a_damaged_manifest_bars_its_own_snapshot_only(vault: DiskVault) -> None:
    bad = max(vault.objects("snapshots/"))
    flip_byte(sink(vault), ObjectName(bad))

    report = vault.verify()

    assert {problem.object for problem in report.problems} == {bad}
    assert report.snapshots == 1


@pytest.mark.parametrize("at", [5, 3000])
def test_a_damaged_local_state_does_not_keep_a_vault_from_being_verified(vault: DiskVault, at: int) -> None:
    database = vault.state / "state.db"
    data = bytearray(database.read_bytes())
    data[at] ^= 1
    database.write_bytes(data)

    report = vault.verify()

    assert report.problems == []
    assert report.snapshots == 2


def test_the_time_of_a_run_is_told(vault: DiskVault) -> None:
    times = iter([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)])
    with vault.opened() as opened:
        report = verifying.verify(
            opened, level=Level.OBJECTS, sample=1, jobs=0, now=lambda: next(times), progress=NullProgress()
        )

    assert report.duration == 60


@pytest.mark.parametrize("prefix", ["packs/", "index/", "snapshots/"])
def test_an_object_that_the_disk_cannot_read_is_named_and_all_others_are_read(tmp_path: Path, prefix: str) -> None:
    memory = MemoryVault()
    memory.back_up(FakeSource(files={"a": bytes(5000)}))
    memory.back_up(FakeSource(files={"a": bytes(5000), "b": b"b" * 5000}))
    broken = min(name for name in memory.sink.objects if name.startswith(prefix))
    error = SinkUnavailableError("the disk failed")
    error.__cause__ = OSError(errno.EIO, "input/output error")
    sink = FaultySink(memory.sink, Fault(FaultKind.ERROR, "get", broken, error=error))
    opened = opened_in(Vault(sink, memory.vault.keys, memory.vault.database), tmp_path / "state")

    report = verify(opened, level=Level.DATA, sample=1.0, jobs=0, now=lambda: START, progress=NullProgress())

    assert (broken, "CorruptObjectError") in named(report)
    assert report.packs == len([name for name in memory.sink.objects if name.startswith("packs/")])
