from __future__ import annotations

import errno

import pytest

from copy_support import ANNAS, Pair, first, objects
from run_support import NOON
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.repairing import Repair, repair, who_lists
from tgvault.errors import SinkUnavailableError
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, flip_byte
from tgvault.vault.header import HEADER
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.slot_changes import remove_slot


class Case(Pair):
    """A pair whose copy is up to date, and what was said of copies that are away."""

    def __init__(self) -> None:
        super().__init__()
        self.sync(is_new=True)
        self.whole = objects(self.primary)
        self.away: list[str] = []

    def repair(self, *damaged: str, **copies: Sink) -> list[Repair]:
        made = {name: lambda sink=sink: sink for name, sink in (copies or {"disk": self.copy}).items()}
        return repair(
            self.primary, made, damaged, self.made.bundle, away=lambda name, error: self.away.append(f"{name}: {error}")
        )


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.mark.parametrize("prefix", ["packs/", "index/", "snapshots/", "keys/", "vault.json"])
def test_what_is_gone_is_brought_back(case: Case, prefix: str) -> None:
    name = first(case.primary, prefix)
    case.primary.delete(name)

    assert case.repair() == [Repair(name, "disk")]
    assert objects(case.primary) == case.whole


@pytest.mark.parametrize("prefix", ["packs/", "index/", "snapshots/", "keys/", "vault.json"])
def test_what_is_damaged_is_brought_back(case: Case, prefix: str) -> None:
    name = first(case.primary, prefix)
    flip_byte(case.primary, name)

    assert case.repair(name) == [Repair(name, "disk")]
    assert objects(case.primary) == case.whole


def test_a_vault_of_which_nothing_is_left_but_the_keys_is_brought_back_whole(case: Case) -> None:
    for each in list(case.primary.list("")):
        case.primary.delete(each.name)

    case.repair()

    assert objects(case.primary) == case.whole


def test_a_vault_that_is_well_is_left_as_it_is(case: Case) -> None:
    assert case.repair() == []


def test_each_object_comes_from_the_first_copy_that_has_it_whole(case: Case) -> None:
    pack, index = first(case.primary, "packs/"), first(case.primary, "index/")
    near, far = MemorySink(dict(case.whole)), MemorySink(dict(case.whole))
    flip_byte(near, pack)
    for name in (pack, index):
        case.primary.delete(name)

    assert case.repair(near=near, far=far) == [Repair(index, "near"), Repair(pack, "far")]
    assert objects(case.primary) == case.whole


def test_a_copy_that_is_away_is_told_and_the_next_one_is_asked(case: Case) -> None:
    name = first(case.primary, "packs/")
    case.primary.delete(name)
    away = FaultySink(case.copy, Fault(FaultKind.ERROR, "list"))

    assert case.repair(near=away, far=case.copy) == [Repair(name, "far")]
    assert [each.partition(":")[0] for each in case.away] == ["near"]


@pytest.mark.parametrize("prefix", ["packs/", "keys/", "vault.json"])
def test_what_the_copy_has_damaged_too_is_not_brought(case: Case, prefix: str) -> None:
    name = first(case.primary, prefix)
    case.primary.delete(name)
    flip_byte(case.copy, name)

    assert case.repair() == []
    assert name not in objects(case.primary)


def test_a_slot_that_the_list_does_not_have_is_not_brought_back(case: Case) -> None:
    remove_slot(case.primary, "anna", bundle=case.made.bundle)

    assert case.repair() == []
    assert ANNAS not in objects(case.primary)


def test_a_list_of_slots_that_somebody_else_wrote_is_not_taken(case: Case) -> None:
    case.copy.replace(HEADER, case.copy.get(HEADER).replace(b'"ben"', b'"eve"'))
    case.primary.delete(HEADER)

    assert case.repair() == []


def test_what_lies_beside_the_vault_in_a_copy_is_not_brought(case: Case) -> None:
    case.copy.put(ObjectName("notes.txt"), b"mine")

    assert case.repair("notes.txt") == []


def test_what_is_whole_is_left_alone_though_it_was_named_among_the_damaged(case: Case) -> None:
    name = first(case.primary, "index/")
    case.primary.delete(name)
    whole = first(case.primary, "packs/")

    assert case.repair(name, whole) == [Repair(name, "disk")]


def test_what_was_deleted_on_purpose_is_not_brought_back(case: Case) -> None:
    name = first(case.primary, "packs/")
    case.primary.delete(name)

    made = repair(
        case.primary, {"disk": lambda: case.copy}, [name], case.made.bundle, deleted=[name], away=lambda *_: None
    )

    assert made == []


def test_an_object_on_a_bad_sector_is_written_anew(case: Case) -> None:
    name = first(case.primary, "packs/")
    error = SinkUnavailableError("the disk failed")
    error.__cause__ = OSError(errno.EIO, "input/output error")
    broken = FaultySink(case.primary, Fault(FaultKind.ERROR, "get", name, error=error))

    made = repair(broken, {"disk": lambda: case.copy}, [name], case.made.bundle, away=lambda *_: None)

    assert made == [Repair(name, "disk")]


def test_a_place_that_cannot_be_read_itself_ends_the_repair(case: Case) -> None:
    name = first(case.primary, "packs/")
    away = FaultySink(case.primary, Fault(FaultKind.ERROR, "get", name))

    with pytest.raises(SinkUnavailableError):
        repair(away, {"disk": lambda: case.copy}, [name], case.made.bundle, away=lambda *_: None)


def test_places_that_list_an_object_are_named_and_those_that_cannot_be_read_are_told(case: Case) -> None:
    name = first(case.primary, "packs/")
    away = FaultySink(case.copy, Fault(FaultKind.ERROR, "list"))
    told: list[str] = []

    found = who_lists(
        [name], {"disk": lambda: case.copy, "nas": lambda: away}, away=lambda name, error: told.append(name)
    )

    assert found == {name: ["disk"]}
    assert told == ["nas"]


def mark(case: Case, sink: Sink, kind: MarkKind, *objects: str) -> ObjectName:
    return put_mark(sink, kind, map(ObjectName, objects), keys=case.made.bundle, time=NOON, host="laptop").name


def test_a_mark_that_was_taken_back_stays_so(case: Case) -> None:
    """Keyless syncs leave it in the copy."""
    mark(case, case.copy, MarkKind.FORGET, first(case.primary, "snapshots/"))

    assert case.repair() == []
    assert objects(case.primary) == case.whole


def test_a_mark_by_which_what_is_there_would_go_is_not_brought(case: Case) -> None:
    """The vault went on from an older copy than the one that is looked at now."""
    mark(case, case.copy, MarkKind.DELETED, first(case.primary, "packs/"))

    assert case.repair() == []
    assert objects(case.primary) == case.whole


def test_a_mark_of_what_was_deleted_is_brought_back(case: Case) -> None:
    name = mark(case, case.copy, MarkKind.DELETED, f"packs/00/{'0' * 64}.age")

    assert case.repair() == [Repair(name, "disk")]


@pytest.mark.parametrize("kind", [MarkKind.FORGET, MarkKind.DELETED])
def test_a_mark_that_is_damaged_is_brought_back(case: Case, kind: MarkKind) -> None:
    name = mark(case, case.copy, kind, f"packs/00/{'0' * 64}.age")
    case.primary.put(name, b"damaged")

    assert case.repair(name) == [Repair(name, "disk")]
