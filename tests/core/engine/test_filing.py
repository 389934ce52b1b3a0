from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from run_support import (
    Held,
    Machine,
    Script,
    ScriptedSource,
    Talk,
    opened,
    read,
    shown,
    talk,
)
from tgvault.api import (
    FindingKind,
    OpenedMedia,
)
from tgvault.errors import (
    HostilePathError,
    SourceChangedError,
)
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


def failing(machine: Machine, on_open: Callable[[str, bytes], OpenedMedia]) -> Held:
    source = ScriptedSource.of(Script(
        [Talk([shown(1, "c/bad.jpg"), shown(2, "c/bad.jpg"), shown(3, "c/good.jpg")])],
        files={"c/bad.jpg": b"bad" * 10, "c/good.jpg": b"good", "other": b"other"},
    ))  # fmt: skip
    source.on_open = lambda name, data: on_open(name, data) if "bad" in name else opened(data)
    machine.back_up(source)
    return read(machine)


def vanished(name: str, data: bytes) -> OpenedMedia:
    raise FileNotFoundError(name)


def refused(name: str, data: bytes) -> OpenedMedia:
    raise HostilePathError("a link out of the folder")


def unreadable(name: str, data: bytes) -> OpenedMedia:
    raise PermissionError(13, "Permission denied")


class Breaking(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("on_open", "kind"),
    [
        (vanished, FindingKind.MISSING_FILE),
        (refused, FindingKind.REFUSED_PATH),
        (unreadable, FindingKind.MISSING_FILE),
        (lambda name, data: opened(data, size=len(data) + 1), FindingKind.LOST),
        (lambda name, data: opened(data, size=len(data) - 1), FindingKind.LOST),
        (lambda name, data: OpenedMedia(Breaking(), 30), FindingKind.MISSING_FILE),
    ],
)
def test_a_file_that_cannot_be_read_is_one_loss_and_costs_nothing_else(
    machine: Machine, on_open: Callable[[str, bytes], OpenedMedia], kind: FindingKind
) -> None:
    found = failing(machine, on_open)

    assert found.media["user:1"] == {3: {"photo": b"good"}}
    assert found.files == {"other": b"other"}
    assert machine.report is not None
    assert [(each.kind, each.subject, each.count) for each in machine.report.findings] == [(kind, "c/bad.jpg", 1)]
    assert machine.report.media.missing == {"not in the source": 2}
    assert machine.report.media.files == 2


def test_a_file_that_gives_its_bytes_in_small_parts_is_whole(machine: Machine) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size, 7) if size and size > 0 else size)

    source = ScriptedSource.of(Script(files={"a": b"x" * 100}))
    source.on_open = lambda name, data: OpenedMedia(Slow(data), len(data))

    machine.back_up(source)

    assert read(machine).files == {"a": b"x" * 100}


def test_a_source_that_changed_while_it_was_read_makes_no_snapshot(machine: Machine) -> None:
    script = Script([talk({1: "a"})], fingerprint=b"one")
    source = ScriptedSource.of(script)

    def change(name: str, data: bytes) -> OpenedMedia:
        script.fingerprint = b"two"
        return opened(data)

    script.files = {"a": b"x"}
    source.on_open = change

    with pytest.raises(SourceChangedError) as caught:
        machine.back_up(source)
    assert caught.value.hint
    assert machine.vault.sync() == []
