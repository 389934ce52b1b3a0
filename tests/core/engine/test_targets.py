from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tgvault.archive.segments import Content
from tgvault.engine import targets as targets_module
from tgvault.engine.anywhere import AnywhereSink, SinkPlace
from tgvault.engine.context import WorkContext
from tgvault.engine.extracting import PARTS, ExtractDone, ExtractTask, extract
from tgvault.engine.ingesting import decode_content
from tgvault.engine.naming import Names
from tgvault.engine.pool import InlinePool
from tgvault.engine.progress import NullProgress
from tgvault.engine.targets import Targets
from tgvault.errors import SinkUnavailableError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.state.database import Database
from tgvault.testing import flip_byte
from tgvault.vault.packs import pack_name
from vault_support import FakeSource, MemoryVault

MIB = 1 << 20
#: Three pieces, of which two are equal.
LARGE = b"ab" * (2 * MIB) + b"ab" * (2 * MIB) + b"c" * 5
SMALL = {f"files/{number}": random.Random(number).randbytes(100 + number) for number in range(50)}


@pytest.fixture
def memory() -> MemoryVault:
    memory = MemoryVault()
    memory.back_up(FakeSource(files={**SMALL, "files/large": LARGE, "files/empty": b""}))
    return memory


@pytest.fixture
def findings() -> Findings:
    return Findings()


@pytest.fixture
def targets(memory: MemoryVault, findings: Findings, tmp_path: Path) -> Iterator[Targets]:
    (tmp_path / PARTS).mkdir()
    database = Database.in_memory()
    yield Targets(
        str(tmp_path),
        Names(database, folds=False, reserved=(PARTS,)),
        places=memory.vault.places,
        reader=memory.vault.reader,
        sink=memory.sink,
        database=database,
        pool=InlinePool(WorkContext(memory.vault)),
        here=InlinePool(WorkContext(memory.vault)),
        findings=findings,
        progress=NullProgress(),
    )
    database.close()


def content(memory: MemoryVault, name: str) -> Content:
    known = memory.vault.files.by_name(name)
    assert known is not None
    return decode_content(known.content)


def on_disk(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_everything_that_is_added_is_written(memory: MemoryVault, targets: Targets, tmp_path: Path) -> None:
    wanted = {**SMALL, "files/large": LARGE, "files/empty": b""}

    for name in wanted:
        assert targets.add(name, content(memory, name), rename=False) == name
    targets.finish()

    assert on_disk(tmp_path) == wanted
    assert (targets.files, targets.bytes) == (len(wanted), sum(map(len, wanted.values())))


def test_a_content_may_be_wanted_at_many_paths(memory: MemoryVault, targets: Targets, tmp_path: Path) -> None:
    for name in ("files/1", "files/large"):
        for number in range(3):
            targets.add(f"{number}/{name}", content(memory, name), rename=True)
            targets.add(f"{number}/{name}", content(memory, name), rename=True)
    targets.finish()

    assert on_disk(tmp_path) == {
        f"{number}/{name}": data
        for number in range(3)
        for name, data in (("files/1", SMALL["files/1"]), ("files/large", LARGE))
    }
    assert targets.files == 6


def test_a_pack_is_opened_once_though_its_contents_are_wanted_in_any_order(
    memory: MemoryVault, targets: Targets, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    get = memory.sink.get
    monkeypatch.setattr(memory.sink, "get", lambda name: asked.append(name) or get(name))

    shuffled = list(SMALL)
    random.Random(5).shuffle(shuffled)
    for name in shuffled:
        targets.add(name, content(memory, name), rename=True)
    targets.finish()

    assert len(asked) == len(set(asked))


def test_what_waits_is_bounded(
    memory: MemoryVault, targets: Targets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets_module, "MAX_WAITING", 10)

    for number in range(35):
        targets.add(f"{number}", content(memory, "files/1"), rename=True)

    assert len(on_disk(tmp_path)) >= 22
    targets.finish()
    assert len(on_disk(tmp_path)) == 35


@pytest.mark.parametrize("path", ["", "/etc/x", "a/../../b", "C:\\x", "a\0b", "x" * 256])
def test_a_path_that_leads_out_is_refused_and_told(
    memory: MemoryVault, targets: Targets, findings: Findings, tmp_path: Path, path: str
) -> None:
    assert targets.add(path, content(memory, "files/1"), rename=True) is None
    targets.finish()

    assert [(each.kind, each.subject) for each in findings.listed()] == [(FindingKind.REFUSED_PATH, path)]
    assert on_disk(tmp_path) == {}


def test_two_contents_of_one_path_are_told_where_nothing_may_be_renamed(
    memory: MemoryVault, targets: Targets, findings: Findings, tmp_path: Path
) -> None:
    assert targets.add("a", content(memory, "files/1"), rename=False) == "a"
    assert targets.add("a", content(memory, "files/2"), rename=False) is None
    targets.finish()

    assert findings.listed() == [Finding(FindingKind.LOST, "a", "something else has this path")]
    assert on_disk(tmp_path) == {"a": SMALL["files/1"]}


def test_a_file_of_which_pieces_cannot_be_read_is_lost_once_and_leaves_nothing(
    memory: MemoryVault, targets: Targets, findings: Findings, tmp_path: Path
) -> None:
    listing = memory.vault.reader.load(bytes.fromhex(content(memory, "files/large").pieces or ""))  # type: ignore[arg-type]
    places = [memory.vault.places.find(bytes.fromhex(line.decode())) for line in listing.split()]
    assert all(places)
    flip_byte(memory.sink, pack_name(places[0].digest.hex()))  # type: ignore[union-attr]

    targets.add("large", content(memory, "files/large"), rename=True)
    targets.finish()

    assert [(each.kind, each.subject, each.count) for each in findings.listed()] == [(FindingKind.LOST, "large", 1)]
    assert (targets.files, targets.bytes) == (0, 0)
    assert all(name.startswith(PARTS) for name in on_disk(tmp_path))


def test_a_file_whose_list_of_pieces_is_missing_is_lost(
    memory: MemoryVault, targets: Targets, findings: Findings
) -> None:
    assert targets.add("a", Content(9 * MIB, pieces="ab" * 32), rename=True) is None
    assert targets.add("b", Content(9, blob="cd" * 32), rename=True) is None

    assert [(each.kind, each.subject) for each in findings.listed()] == [
        (FindingKind.LOST, "a"),
        (FindingKind.LOST, "b"),
    ]


def test_a_content_that_does_not_have_its_size_is_lost(
    memory: MemoryVault, targets: Targets, findings: Findings
) -> None:
    wrong = Content(5, blob=content(memory, "files/1").blob)

    assert targets.add("a", wrong, rename=True) is None
    assert "size" in findings.listed()[0].detail


def test_the_name_of_a_large_file_may_be_as_long_as_the_file_system_allows(
    memory: MemoryVault, targets: Targets, tmp_path: Path
) -> None:
    name = "x" * 255

    targets.add(name, content(memory, "files/large"), rename=True)
    targets.finish()

    assert on_disk(tmp_path) == {name: LARGE}


def test_a_file_that_looks_like_a_part_of_another_is_no_part(
    memory: MemoryVault, targets: Targets, findings: Findings, tmp_path: Path
) -> None:
    targets.add("a.tgvault-part", content(memory, "files/1"), rename=True)
    targets.add("a", content(memory, "files/large"), rename=True)
    targets.finish()

    assert on_disk(tmp_path) == {"a": LARGE, "a.tgvault-part": SMALL["files/1"]}
    assert findings.listed() == []


def test_a_large_file_whose_name_is_taken_on_the_disk_is_lost(
    memory: MemoryVault, targets: Targets, findings: Findings, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"mine")

    targets.add("a", content(memory, "files/large"), rename=True)
    targets.finish()

    assert [(each.kind, each.subject) for each in findings.listed()] == [(FindingKind.LOST, "a")]
    assert on_disk(tmp_path)["a"] == b"mine"


class DyingPool:
    """Writes the first thing of a task, and then loses its sink."""

    def __init__(self, memory: MemoryVault) -> None:
        self._context = WorkContext(memory.vault)
        self.tasks = 0

    def submit(self, call: object, task: ExtractTask) -> Future[ExtractDone]:
        self.tasks += 1
        extract(self._context, ExtractTask(task.root, task.writes[:1]))
        future: Future[ExtractDone] = Future()
        future.set_exception(SinkUnavailableError("the disk was pulled out"))
        return future

    def close(self) -> None:
        """Nothing to end."""


def test_what_a_worker_left_when_its_sink_went_away_is_finished_here_from_the_copies(
    memory: MemoryVault, findings: Findings, tmp_path: Path
) -> None:
    (tmp_path / PARTS).mkdir()
    pool = DyingPool(memory)
    places = [SinkPlace(name, lambda: memory.sink) for name in ("primary", "disk")]
    targets = Targets(
        str(tmp_path),
        Names(Database.in_memory(), folds=False, reserved=(PARTS,)),
        places=memory.vault.places,
        reader=memory.vault.reader,
        sink=AnywhereSink(places),
        database=Database.in_memory(),
        pool=pool,
        here=InlinePool(WorkContext(memory.vault)),
        findings=findings,
        progress=NullProgress(),
    )

    for name in (*SMALL, "files/large", "files/empty"):
        targets.add(name, content(memory, name), rename=False)
    targets.finish()

    assert pool.tasks > 0
    assert findings.listed() == []
    assert on_disk(tmp_path) == {**SMALL, "files/large": LARGE, "files/empty": b""}
