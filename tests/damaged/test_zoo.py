"""What every command answers to every damage; the expected answers are in `answers.txt`."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.support import Tried
from damaged.zoo import COMMANDS, DAMAGES, OBJECTS, STORIES, Zoo

ANSWERS = Path(__file__).with_name("answers.txt")
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def expected() -> dict[str, list[str]]:
    """The table: what happened, then an answer for each command."""
    rows = (line for line in ANSWERS.read_text().splitlines() if line and not line.startswith("#"))
    return {name.strip(): answers.split() for name, _, answers in (row.partition("|") for row in rows)}


@pytest.fixture(scope="module")
def zoos() -> Iterator[tuple[Zoo, Zoo]]:
    """A vault, and another one made from the same exports."""
    with tempfile.TemporaryDirectory(dir=QUICK) as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        folders = [Path(name) / each for each in ("one", "other")]
        for folder in folders:
            folder.mkdir()
        yield Zoo.make(folders[0], patch, seed=1), Zoo.make(folders[1], patch, seed=2)


def answers(zoo: Zoo, kind: str, exports: Path) -> list[str]:
    """Run every command: its exit code, with a star where the damaged object is named."""
    found = []
    for command in COMMANDS:
        tried = zoo.run(command, exports=exports)
        _check_output(tried)
        if command.startswith("restore"):
            _check_restored(zoo, exports)
        found.append(f"{tried.code}{'*' if _names(tried, zoo, kind) else ''}")
    return found


def _names(tried: Tried, zoo: Zoo, kind: str) -> bool:
    name = zoo.objects[kind]
    return name in tried.out + tried.err or name.rpartition("-")[2][:8] in tried.out + tried.err


def _check_output(tried: Tried) -> None:
    assert "Traceback" not in tried.err
    assert tried.code == 0 or tried.err or tried.out
    if tried.err.startswith("error"):
        assert "\nhint: " in tried.err, tried.err


def _check_restored(zoo: Zoo, exports: Path) -> None:
    """Nothing is ever written that the exports do not have."""
    known = {path.read_bytes() for path in exports.rglob("*.jpg")}
    assert set(zoo.restored().values()) <= known
    result = zoo.root / "out" / "result.json"
    if result.exists():
        said = _texts(result)
        assert said <= _texts(exports / "first" / "result.json") | _texts(exports / "second" / "result.json")


def _texts(result: Path) -> set[tuple[int, int, str]]:
    chats = json.loads(result.read_bytes())["chats"]["list"]
    return {(chat["id"], each["id"], each["text"]) for chat in chats for each in chat["messages"]}


def _differences(case: str, found: list[str]) -> list[str]:
    wanted = expected()[case]
    assert len(wanted) == len(COMMANDS), case
    rows = zip(COMMANDS, wanted, found, strict=True)
    return [f"{case}: `{command}` answered {now}, not {then}" for command, then, now in rows if then != now]


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_command_answers_to_damage_as_the_table_says(zoos: tuple[Zoo, Zoo], tmp_path: Path, kind: str) -> None:
    one, other = zoos
    differences = []
    for name, damage in DAMAGES.items():
        if f"{kind}, {name}" not in expected():
            continue
        copy = one.copy(tmp_path / "copy", known=False)
        damage(copy, kind, other)
        differences += _differences(f"{kind}, {name}", answers(copy, kind, one.root))
        shutil.rmtree(tmp_path / "copy")

    assert differences == []


@pytest.mark.parametrize("story", STORIES)
def test_every_command_answers_to_what_happens_to_a_vault_as_the_table_says(
    zoos: tuple[Zoo, Zoo], tmp_path: Path, story: str
) -> None:
    one, other = zoos
    happen, kind = STORIES[story]
    copy = one.copy(tmp_path / "copy", known=True)

    happen(copy, kind, other)

    assert _differences(story, answers(copy, kind, one.root)) == []


def test_of_a_good_vault_every_command_says_nothing_bad(zoos: tuple[Zoo, Zoo], tmp_path: Path) -> None:
    copy = zoos[0].copy(tmp_path / "copy", known=False)

    codes = {command: copy.run(command, exports=zoos[0].root).code for command in COMMANDS}

    assert set(codes.values()) == {0}


def test_the_table_has_every_damage_to_every_object() -> None:
    every = {f"{kind}, {name}" for kind in OBJECTS for name in DAMAGES} - {"vault.json, swapped"}

    assert set(expected()) == every | set(STORIES)
