"""The order in which plugins are tried."""

from __future__ import annotations

from tgvault.host.discovery import Candidate
from tgvault.host.registry import Registry


def test_those_that_bear_the_name_are_tried_first_and_no_other_bundled_one() -> None:
    ours = [Candidate(name, name, "tgvault", bundled=True) for name in ("local", "desktop_export")]
    others = [Candidate("z", "z", "aaa"), Candidate("desktop.export", "d", "zzz"), Candidate("b", "b", "bbb")]
    registry = Registry(allow=None, find=lambda: others, bundled=ours)

    assert [candidate.name for candidate in registry.likely("desktop-export")] == [
        "desktop_export",
        "desktop.export",
        "z",
        "b",
    ]


def test_what_is_installed_is_looked_for_once() -> None:
    calls = []
    registry = Registry(allow=None, find=lambda: calls.append(1) or [], bundled=())

    assert registry.found == registry.found
    assert calls == [1]
