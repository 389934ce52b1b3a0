"""Backups, kills and reopenings in any order, against lists of what each snapshot should hold."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from run_support import NOON, Machine, Script, Talk, body, held, said, shown
from tgvault.contracts.sink import ObjectName
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.opened import Vault
from vault_support import a_bundle

KEYS = a_bundle()
CHATS = st.sampled_from([1, 2])
IDS = st.integers(1, 25)


class Killed(BaseException):
    """The process is gone."""


class Deadly(MemorySink):
    """Ends the run at a write: before it, in the midst of it, or right after it."""

    def __init__(self, objects: dict[str, bytes], writes: int, how: str) -> None:
        super().__init__(objects)
        self._left = writes
        self._how = how

    def put(self, name: ObjectName, data: bytes) -> None:
        self._left -= 1
        if self._left >= 0:
            super().put(name, data)
            return
        if self._how != "before":
            super().put(name, data if self._how == "after" else data[: len(data) // 2])
        raise Killed


@dataclass
class State:
    """What an archive should hold: by chat and id the text, the gone ones, and all texts that there ever were."""

    live: dict[int, dict[int, str]] = field(default_factory=dict)
    gone: dict[int, dict[int, str]] = field(default_factory=dict)
    said: dict[int, dict[int, set[str]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    contacts: bytes = b"0"

    def seeing(self, telegram: dict[int, dict[int, str]], files: dict[str, bytes], contacts: bytes) -> State:
        """The state after a run that saw all of Telegram."""
        after = copy.deepcopy(self)
        after.files, after.contacts = dict(files), contacts
        for chat, texts in telegram.items():
            live, gone = after.live.setdefault(chat, {}), after.gone.setdefault(chat, {})
            for number in live.keys() - texts.keys():
                gone[number] = live.pop(number)
            for number, text in texts.items():
                gone.pop(number, None)
                live[number] = text
                after.said.setdefault(chat, {}).setdefault(number, set()).add(text)
        return after


class Vaults(RuleBasedStateMachine):
    """One account, one vault, and a machine that is killed now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, bytes] = {}
        self.database = Database.in_memory()
        self.now = NOON
        self.telegram: dict[int, dict[int, str]] = {1: {}, 2: {}}
        self.files: dict[str, bytes] = {}
        self.edits = 0
        self.expected: list[State] = []

    @initialize(ids=st.lists(IDS, unique=True))
    def begin(self, ids: list[int]) -> None:
        self.telegram[1] = {number: f"first {number}" for number in ids}

    @rule(chat=CHATS, number=IDS)
    def write_or_edit(self, chat: int, number: int) -> None:
        self.edits += 1
        self.telegram[chat][number] = f"text {self.edits}"

    @rule(chat=CHATS, number=IDS)
    def delete(self, chat: int, number: int) -> None:
        self.telegram[chat].pop(number, None)

    @rule(name=st.sampled_from(["a.jpg", "b.txt"]), size=st.integers(0, 3000))
    def put_a_file(self, name: str, size: int) -> None:
        self.files[name] = bytes(range(256)) * (size // 256) + name.encode()

    @rule()
    def back_up(self) -> None:
        self._machine(MemorySink(self.objects)).back_up(self._script())
        self._note()

    @rule(writes=st.integers(0, 5), how=st.sampled_from(["before", "amid", "after"]))
    def be_killed_in_a_backup(self, writes: int, how: str) -> None:
        before = self._manifests()
        machine = self._machine(Deadly(self.objects, writes, how))
        try:
            machine.back_up(self._script())
        except Killed:
            whole = how == "after" or writes > 5
            if len(self._manifests()) > len(before) and whole:
                self._note()
            return
        self._note()

    @rule()
    def lose_the_local_state(self) -> None:
        self.database = Database.in_memory()

    @precondition(lambda self: self.expected)
    @rule()
    def read_every_snapshot_with_what_is_known(self) -> None:
        self._compare(Vault(MemorySink(self.objects), KEYS, self.database))

    @invariant()
    def everybody_can_read_every_snapshot(self) -> None:
        if self.objects:
            self._compare(Vault(MemorySink(self.objects), KEYS, Database.in_memory()))

    def _machine(self, sink: MemorySink) -> Machine:
        self.now += timedelta(hours=1)
        return Machine(KEYS, sink, self.database, clock=self.now)

    def _manifests(self) -> list[str]:
        return [name for name in self.objects if name.startswith("snapshots/")]

    def _script(self) -> Script:
        talks = [
            Talk(
                [said(*each) for each in sorted(texts.items())],
                number=chat,
                covered=[(0, 100)],
                split=4 * (chat == 2) or None,
            )
            for chat, texts in self.telegram.items()
        ]
        talks.append(Talk([shown(number + 1, name) for number, name in enumerate(sorted(self.files))], number=3))
        return Script(talks, {"contacts": b"%d" % self.edits}, dict(self.files), at=self.now)

    def _note(self) -> None:
        before = self.expected[-1] if self.expected else State()
        self.expected.append(before.seeing(self.telegram, self.files, b"%d" % self.edits))

    def _compare(self, vault: Vault) -> None:
        snapshots = vault.sync()
        assert len(snapshots) == len(self.expected)
        for snapshot, expected in zip(snapshots, self.expected, strict=True):
            found = held(vault, snapshot)
            assert found.documents == {"contacts": expected.contacts}
            assert [each["photo"] for each in found.media["user:3"].values()] == [
                data for _, data in sorted(expected.files.items())
            ]  # fmt: skip
            for chat, texts in expected.live.items():
                key = f"user:{chat}"
                assert found.texts(key) == texts
                assert found.gone[key] == {number: body(number, text) for number, text in expected.gone[chat].items()}
                for number, every in expected.said.get(chat, {}).items():
                    last = found.live[key].get(number) or found.gone[key][number]
                    earlier = found.earlier[key].get(number, [])
                    assert {last, *earlier} == {body(number, text) for text in every}


Vaults.TestCase.settings = settings(max_examples=40, stateful_step_count=18, deadline=None)
TestVaults = Vaults.TestCase
