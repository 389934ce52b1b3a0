from __future__ import annotations

import random
from datetime import timedelta

import pytest

from run_support import (
    NOON,
    Machine,
    Script,
    Talk,
    objects,
    read,
    talk,
)
from tgvault.api import (
    Message,
)
from tgvault.errors import (
    AccountMismatchError,
)
from tgvault.vault.marks import MarkKind, put_mark
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


def test_an_export_of_another_account_is_refused_with_the_way_out(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a"})], account=5))
    before = objects(machine.sink)

    with pytest.raises(AccountMismatchError, match="account 6, archive `main` to account 5") as caught:
        machine.back_up(Script([talk({1: "a"})], account=6))

    for way in ("`--archive NAME`", '`archive = "NAME"` in the source\'s table'):
        assert way in str(caught.value.hint)
    assert objects(machine.sink) == before


def test_an_archive_belongs_to_the_first_account_that_a_source_tells(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a"})], account=None))
    machine.back_up(Script([talk({1: "a"})], account=5))
    machine.back_up(Script([talk({1: "a"})], account=None))

    assert [each.manifest.account for each in machine.vault.sync()] == [None, 5, 5]
    with pytest.raises(AccountMismatchError):
        machine.back_up(Script([], account=6))


def chat_of_another_account(offset: int) -> list[Message]:
    return [
        Message(n, b'{"id":%d,"date_unixtime":"%d","text":"%d"}' % (n, n * 100 + offset, offset)) for n in range(1, 9)
    ]


def test_a_chat_whose_ids_collide_is_refused_when_no_account_is_told(machine: Machine) -> None:
    """A single private chat, exported from another account: its ids mean other messages."""
    machine.back_up(Script([Talk(chat_of_another_account(0))], account=None))

    with pytest.raises(AccountMismatchError) as caught:
        machine.back_up(Script([Talk(chat_of_another_account(7))], account=None))
    assert "--archive" in str(caught.value.hint)


def test_other_dates_are_no_reason_to_refuse_the_archives_own_account(machine: Machine) -> None:
    machine.back_up(Script([Talk(chat_of_another_account(0))], account=5))

    machine.back_up(Script([Talk(chat_of_another_account(7))], account=5, at=NOON + timedelta(minutes=1)))

    assert set(read(machine).texts().values()) == {"7"}


def test_archives_of_one_vault_are_apart_and_share_what_is_equal(machine: Machine) -> None:
    data = random.Random(3).randbytes(100_000)
    script = Script([talk({number: f"text {number}" for number in range(500)})], files={"a.jpg": data})
    machine.back_up(script)

    report = machine.back_up(Script(**{**vars(script), "account": 9}), archive="work")
    machine.back_up(Script([talk({1: "else"}, number=3)]))

    assert report.bytes_stored < 1000
    assert read(machine, "work").texts().keys() == set(range(500))
    assert "user:3" not in read(machine, "work").live
    assert [(each.manifest.archive, each.manifest.sequence) for each in machine.vault.sync()] == [
        ("main", 1), ("main", 2), ("work", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [MarkKind.FORGET, MarkKind.DELETED])
@pytest.mark.parametrize("machine_is_new", [True, False])
def test_what_a_forgotten_snapshot_has_continued_is_not_joined_again(
    machine: Machine, kind: MarkKind, machine_is_new: bool
) -> None:
    for text in "abc":
        machine.back_up(Script([talk({1: text})]))
    first, second, third = machine.vault.sync()
    put_mark(machine.sink, kind, [second.name], keys=KEYS, time=NOON, host="laptop")
    if kind is MarkKind.DELETED:
        machine.sink.delete(second.name)
    machine = Machine(KEYS, machine.sink) if machine_is_new else machine

    machine.back_up(Script([talk({1: "d"})]))

    *_, last = machine.vault.sync()
    assert [each.name for each in machine.vault.sync()[:2]] == [first.name, third.name]
    assert last.manifest.parents == (third.name,)


def test_a_snapshot_has_the_tags_of_its_run_whether_anything_has_changed_or_not(machine: Machine) -> None:
    script = Script([talk({1: "a"})], fingerprint=b"same")
    machine.back_up(script, tags=("before-move", "x"))
    machine.back_up(script, tags=("again",))
    machine.back_up(script)

    assert [each.manifest.tags for each in machine.vault.sync()] == [("before-move", "x"), ("again",), ()]
