from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from run_support import (
    NOON,
    Machine,
    Script,
    Talk,
    body,
    read,
    said,
    talk,
)
from tgvault.testing import MemorySink
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


def beside(texts: list[dict[int, str]], **more: object) -> Machine:
    """Two machines that continue one snapshot at the same instant, and then see each other's."""
    first = Machine(KEYS)
    first.back_up(Script([talk(texts[0])], documents={"contacts": b"0"}))
    copies = []
    for number, each in enumerate(texts[1:], start=1):
        sink = MemorySink(dict(first.sink.objects))  # type: ignore[attr-defined]
        copy = Machine(KEYS, sink, clock=NOON)
        at = NOON + timedelta(minutes=number)
        copy.back_up(
            Script([talk(each), talk({5: "x"}, number=10 + number)], documents={f"d{number}": b"%d" % number}, at=at)
        )
        copies.append(sink)
    for sink in copies:
        first.sink.objects.update(sink.objects)  # type: ignore[attr-defined]
    return first


def test_snapshots_made_at_the_same_time_are_joined_by_the_next(machine: Machine) -> None:
    machine = beside([{1: "a", 2: "b", 3: "c"}, {1: "a", 3: "C", 4: "d"}, {1: "A", 2: "b", 3: "c", 5: "e"}])
    assert [each.manifest.sequence for each in machine.vault.sync()] == [1, 2, 2]

    machine.back_up(Script([talk({9: "z"}, number=9)]))

    found = read(machine)
    assert found.texts() == {1: "A", 2: "b", 3: "c", 5: "e"}
    assert found.gone["user:1"] == {4: body(4, "d")}
    earlier = {json.loads(text)["text"] for texts in found.earlier["user:1"].values() for text in texts}
    assert earlier >= {"a", "C"}
    assert set(found.live) == {"user:1", "user:9", "user:11", "user:12"}
    assert set(found.documents) == {"contacts", "d1", "d2"}
    assert len(machine.latest().manifest.parents) == 2
    assert machine.latest().manifest.sequence == 3


def test_nothing_is_lost_whichever_of_two_snapshots_is_taken_first() -> None:
    states = [{1: "a", 2: "b", 3: "c"}, {1: "a"}, {3: "c", 7: "g"}]
    for order in ([0, 1, 2], [0, 2, 1]):
        machine = beside([states[number] for number in order])

        machine.back_up(Script([]))

        found = read(machine)
        kept = found.live["user:1"].keys() | found.gone["user:1"].keys()
        assert kept == {1, 2, 3, 7}


def test_an_unchanged_source_is_read_when_snapshots_have_to_be_joined() -> None:
    first = Machine(KEYS)
    script = Script([talk({1: "a"})], fingerprint=b"same")
    first.back_up(script)
    sink = MemorySink(dict(first.sink.objects))  # type: ignore[attr-defined]
    Machine(KEYS, sink).back_up(Script([talk({7: "b"}, number=2)]))
    first.back_up(script)
    first.sink.objects.update(sink.objects)  # type: ignore[attr-defined]

    assert not first.back_up(script).unchanged
    assert set(read(first).live) == {"user:1", "user:2"}


def test_chats_without_ids_are_joined_too() -> None:
    first = Machine(KEYS)
    first.back_up(Script([]))
    copies = [MemorySink(dict(first.sink.objects)) for _ in range(2)]  # type: ignore[attr-defined]
    for sink, texts in zip(copies, ("ab", "bc"), strict=True):
        Machine(KEYS, sink).back_up(Script([Talk([said(None, text) for text in texts], number=None)]))
        first.sink.objects.update(sink.objects)  # type: ignore[attr-defined]

    first.back_up(Script([]))

    assert sorted(read(first).texts("weak:1:Ben").values()) == ["a", "b", "c"]


def joined(*runs: list[Script]) -> Machine:
    """One vault that several machines wrote into at the same time, each from the first run's snapshot on."""
    first = Machine(KEYS)
    first.back_up(runs[0][0])
    copies = [MemorySink(dict(first.sink.objects)) for _ in runs[1:]]  # type: ignore[attr-defined]
    for sink, scripts in zip(copies, runs[1:], strict=True):
        machine = Machine(KEYS, sink)
        for script in scripts:
            machine.back_up(script)
    for sink in copies:
        first.sink.objects.update(sink.objects)  # type: ignore[attr-defined]
    first.back_up(Script([]))
    return first


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_what_both_saw_disappear_is_gone() -> None:
    whole = Script([talk({1: "a", 2: "b", 3: "c"})])

    machine = joined([whole], *([Script([talk({1: "a", 3: "c"})], at=at(minute))] for minute in (5, 9)))

    found = read(machine)
    assert (found.texts(), set(found.gone["user:1"])) == ({1: "a", 3: "c"}, {2})


def test_earlier_texts_of_both_are_kept() -> None:
    whole = Script([talk({1: "a"})])
    one = [Script([talk({1: text})], at=at(minute)) for minute, text in ((1, "b"), (2, "c"))]
    other = [Script([talk({1: text})], at=at(minute)) for minute, text in ((3, "d"), (4, "e"))]

    machine = joined([whole], one, other)

    found = read(machine)
    assert found.texts() == {1: "e"}
    assert {json.loads(text)["text"] for text in found.earlier["user:1"][1]} == {"a", "b", "c", "d"}


def test_a_chat_with_ids_and_one_without_stay_apart_when_they_are_joined() -> None:
    with_ids, without = [Script([talk({7: "x"})])], [Script([Talk([said(None, "y")])])]

    machine = joined([Script([])], with_ids, without)

    found = read(machine)
    assert sorted(text for key in found.live for text in found.texts(key).values()) == ["x", "y"]
    assert len(found.live) == 2


def test_an_empty_chat_takes_what_the_other_has() -> None:
    machine = joined([Script([])], [Script([talk({})])], [Script([talk({1: "a"})])])

    assert read(machine).texts() == {1: "a"}


def test_three_at_once_are_joined() -> None:
    machine = joined([Script([])], *([Script([talk({number: "x"}, covered=False)])] for number in (1, 2, 3)))

    assert read(machine).texts() == {1: "x", 2: "x", 3: "x"}
    assert len(machine.latest().manifest.parents) == 3


def test_a_message_that_only_one_of_them_ever_saw_and_that_is_gone_is_kept() -> None:
    other = [Script([talk({1: "a", 2: "b", 3: "c"})], at=at(1)), Script([talk({1: "a", 3: "c"})], at=at(2))]

    # The longer line is the newer one, into which the other is taken.
    machine = joined([Script([talk({1: "a", 3: "c"}, covered=False)])], [Script([])] * 3, other)

    found = read(machine)
    assert (found.texts(), set(found.gone["user:1"])) == ({1: "a", 3: "c"}, {2})
