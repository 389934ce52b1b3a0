from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from run_support import (
    Machine,
    Script,
    Talk,
    body,
    exact_bodies,
    findings,
    read,
    said,
    shown,
    talk,
)
from tgvault.api import (
    FindingKind,
    Message,
    Span,
)
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


@pytest.mark.parametrize("split", [None, 1, 3])
def test_messages_out_of_order_are_sorted_and_given_back_as_they_were(machine: Machine, split: int | None) -> None:
    messages = [said(number, f"text {number}") for number in (5, 2, 9, 1, 7, 3)]

    machine.back_up(Script([Talk(messages, split=split, covered=[(1, 9)])]))

    assert read(machine).texts() == {number: f"text {number}" for number in (1, 2, 3, 5, 7, 9)}
    assert exact_bodies(machine.vault, machine.latest()) == [each.body.decode() for each in messages]
    assert machine.latest().manifest.chats is not None


@pytest.mark.parametrize("split", [None, 2])
def test_messages_out_of_order_far_into_a_chat_lose_none_before(machine: Machine, split: int | None) -> None:
    """Those before were cut already when it turned out."""
    ids = [*range(1, 700), 30_000, 20_000, *range(40_000, 40_300)]
    chat = Talk([said(number, f"text {number}") for number in ids], split=split and 100)
    files = Talk([shown(number, f"c/{number}.jpg") for number in (3, 1, 2)], number=2, split=split)
    unlisted = {f"c/{number}.jpg": b"%d" % number for number in (1, 2, 3)}

    report = machine.back_up(Script([chat, files], unlisted=unlisted))

    found = read(machine)
    assert found.texts() == {number: f"text {number}" for number in ids}
    assert {number: each["photo"] for number, each in found.media["user:2"].items()} == {1: b"1", 2: b"2", 3: b"3"}
    assert (report.messages.seen, report.messages.new, report.losses) == (len(ids) + 3, len(ids) + 3, 0)
    assert found.files == {}


def test_spans_that_say_they_are_not_ordered_are_read_in_their_order(machine: Machine) -> None:
    chat = Talk([said(number, "a") for number in (3, 1, 2)], split=1, ordered=False)

    machine.back_up(Script([chat]))

    assert read(machine).texts() == {1: "a", 2: "a", 3: "a"}
    assert exact_bodies(machine.vault, machine.latest()) == [body(n, "a").decode() for n in (3, 1, 2)]


def test_spans_and_messages_of_one_chat_stay_in_order(machine: Machine) -> None:
    first, second = Talk([said(1, "a"), said(4, "d")], split=2), Talk([said(3, "c")], number=2, split=1)
    script = Script([first, second])
    script.more = [
        talk({}, number=9).chat,
        said(0, "zero"),
        Span(b"0 0", 5),
        said(5, "e"),
        Span(b"1 0", 5),
        said(6, "f"),
    ]

    machine.back_up(script)

    found = read(machine).texts("user:9")
    assert found == {0: "zero", 1: "a", 4: "d", 5: "e", 3: "c", 6: "f"}
    texts = [json.loads(row)["text"] for row in exact_bodies(machine.vault, machine.latest())[-6:]]
    assert texts == ["zero", "a", "d", "e", "c", "f"]


@pytest.mark.parametrize("split", [None, 2])
def test_a_repeated_id_keeps_its_last_text_and_the_others_as_earlier_ones(machine: Machine, split: int | None) -> None:
    messages = [said(1, "a"), said(2, "b"), said(1, "A"), said(3, "c"), said(1, "AA")]

    machine.back_up(Script([Talk(messages, split=split)]))

    found = read(machine)
    assert found.texts() == {1: "AA", 2: "b", 3: "c"}
    assert [json.loads(each)["text"] for each in found.earlier["user:1"][1]] == ["A", "a"]
    assert exact_bodies(machine.vault, machine.latest()) == [each.body.decode() for each in messages]


def test_the_same_repeated_ids_again_change_nothing(machine: Machine) -> None:
    script = Script([Talk([said(1, "a"), said(2, "b"), said(1, "A")])])
    machine.back_up(script)
    before = read(machine)

    report = machine.back_up(script)

    assert read(machine) == before
    assert (report.messages.new, report.messages.edited, report.messages.updated) == (0, 0, 0)


def test_one_id_for_different_messages_is_no_reason_to_refuse(machine: Machine) -> None:
    """Two chats that somebody put together: each id twice, with other dates."""
    messages = [
        Message(n, b'{"id":%d,"date_unixtime":"%d","text":"%d"}' % (n, d + n, d)) for d in (10, 90) for n in (1, 2)
    ]

    machine.back_up(Script([Talk(messages)], account=None))

    found = read(machine)
    assert found.texts() == {1: "90", 2: "90"}
    assert [len(each) for each in found.earlier["user:1"].values()] == [1, 1]


def test_an_id_that_is_repeated_without_end_costs_no_other_message(machine: Machine) -> None:
    messages = [said(1, f"text {number}") for number in range(300)]

    machine.back_up(Script([Talk([*messages, said(2, "b")], split=50)]))

    found = read(machine)
    assert found.texts() == {1: "text 299", 2: "b"}
    assert len(found.earlier["user:1"][1]) == 15
    assert len(exact_bodies(machine.vault, machine.latest())) == 301
    assert findings(machine) == [(FindingKind.NOTE, "chat Ben")]


@pytest.mark.parametrize("split", [None, 2])
def test_messages_without_ids_are_known_by_their_text(machine: Machine, split: int | None) -> None:
    def run(*texts: str) -> None:
        machine.back_up(Script([Talk([said(None, text) for text in texts], number=None, split=split)]))

    run("a", "b", "a")
    run("b", "c", "a")

    bodies = [json.loads(each)["text"] for each in read(machine).live["weak:1:Ben"].values()]
    assert bodies == ["a", "b", "a", "c"]
    assert machine.report is not None
    assert machine.report.messages.new == 1


@pytest.mark.parametrize("split", [None, 1, 2])
def test_messages_of_which_only_some_have_ids_are_known_by_their_text(machine: Machine, split: int | None) -> None:
    messages = [said(1, "a"), said(None, "b"), said(2, "c")]

    machine.back_up(Script([Talk(messages, split=split)]))
    machine.back_up(Script([Talk(messages, split=split)]))

    assert [json.loads(each)["text"] for each in read(machine).live["user:1"].values()] == ["a", "b", "c"]


def test_a_chat_with_ids_and_one_without_stay_apart_under_one_key(machine: Machine) -> None:
    with_ids, without = talk({1: "a", 2: "b"}), Talk([said(None, "a"), said(None, "x")])
    for chat in (with_ids, without, with_ids, without):
        machine.back_up(Script([chat]))

    found = read(machine)
    assert found.texts() == {1: "a", 2: "b"}
    assert found.texts("user:1:position") == {1: "a", 2: "x"}
    assert set(found.live) == {"user:1", "user:1:position"}


def test_a_chat_without_ids_that_gets_them_stays_apart(machine: Machine) -> None:
    machine.back_up(Script([Talk([said(None, "a")])]))

    machine.back_up(Script([talk({7: "b"})]))
    machine.back_up(Script([talk({7: "b", 8: "c"})]))

    found = read(machine)
    assert (found.texts(), found.texts("user:1:id")) == ({1: "a"}, {7: "b", 8: "c"})


def test_a_chat_that_is_listed_twice_keeps_what_both_say(machine: Machine) -> None:
    """An export may have a chat among the chats and among the left ones."""
    script = Script([talk({1: "a", 2: "b"}, covered=False), talk({2: "B", 3: "c"}, covered=False)])

    for _ in range(3):
        machine.back_up(script)

        assert read(machine).texts() == {1: "a", 2: "B", 3: "c"}


@given(
    st.lists(st.tuples(st.none() | st.integers(1, 9), st.sampled_from("abc")), max_size=12),
    st.none() | st.integers(1, 5),
)
@settings(max_examples=60)
def test_whatever_a_source_yields_is_kept_and_given_back(rows: list[tuple[int | None, str]], split: int | None) -> None:
    machine = Machine(KEYS)
    messages = [said(*row) for row in rows]

    machine.back_up(Script([Talk(messages, split=split)]))

    found = read(machine)
    exact = exact_bodies(machine.vault, machine.latest())
    kept = set(found.live["user:1"].values())
    kept |= {each for texts in found.earlier["user:1"].values() for each in texts}
    assert exact == [message.body.decode() for message in messages]
    assert kept == {message.body for message in messages}
