from __future__ import annotations

from datetime import timedelta

import pytest

from run_support import NOON, Machine, Script, Talk, said, talk
from tgvault.model.findings import Finding, FindingKind
from vault_support import a_bundle

KEYS = a_bundle()
LOST = Finding(FindingKind.LOST, "chat Ben", "message 3 near byte 900 cannot be read")
LATER = NOON + timedelta(days=1)


@pytest.mark.parametrize("split", [None, 2])
def test_a_message_that_could_not_be_read_is_not_taken_for_gone(split: int | None) -> None:
    machine = Machine(KEYS)
    machine.back_up(Script([talk(dict.fromkeys(range(1, 7), "x"))]))
    damaged = [said(1, "x"), said(2, "x"), LOST, said(4, "x"), said(5, "x"), said(6, "x")]

    report = machine.back_up(Script([Talk(damaged, covered=[(1, 6)], split=split)], at=LATER))

    assert report.messages.gone == 0
    assert report.messages.total == 6
    assert report.losses == 1


def test_what_is_lost_behind_a_chat_voids_its_coverage() -> None:
    machine = Machine(KEYS)
    machine.back_up(Script([talk({1: "a", 2: "b", 3: "c"})]))

    report = machine.back_up(Script([talk({1: "a", 3: "c"})], more=[LOST], at=LATER))

    assert report.messages.gone == 0


def test_other_findings_leave_the_coverage_as_it_is() -> None:
    machine = Machine(KEYS)
    machine.back_up(Script([talk({1: "a", 2: "b", 3: "c"})]))
    note = Finding(FindingKind.UNKNOWN_FIELD, "novel")

    report = machine.back_up(Script([Talk([said(1, "a"), note, said(3, "c")], covered=[(1, 3)])], at=LATER))

    assert report.messages.gone == 1
