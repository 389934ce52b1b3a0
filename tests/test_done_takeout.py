"""A live account from `login` to a snapshot, killed again and again: nothing is lost, and nothing fetched twice."""

from __future__ import annotations

import base64
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from restore_support import files_below
from tgvault.testing.telegram import Account, LoopbackServer
from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.calls import Part
from tgvault.testing.telegram.demo import demo_account
from tgvault.testing.telegram.faults import Fault, Refuse

#: Seconds that a process gets for anything; it takes few.
PATIENCE = 120
KILLS = 10
#: Requests that may be under way when a process is killed: four parts for each of two data centres, and what was
#: answered and not written yet.
UNDER_WAY = 12
SHIFT = 1_000_000_000


@dataclass
class Household:
    """A folder with a vault, the `tgvault` of a terminal, and an account to log in to."""

    folder: Path
    server: LoopbackServer
    kills: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        dc, host, port = self.server.home
        (self.folder / "server.pem").write_text(self.server.public_key)
        self.run("init", "--sink", "local", "--path", "vault", "--kit", "kit.txt", "--state", "state")
        source = {"type": "takeout", "api_id": 12345, "server": f"{host}:{port}", "server_dc": dc, "timezone": "UTC"}
        lines = [f"{key} = {json.dumps(value)}" for key, value in {**source, "server_keys": "server.pem"}.items()]
        with (self.folder / "vault.toml").open("a") as file:
            file.write("\n".join(["", "[sources.phone]", *lines, ""]))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tgvault", "--vault", "vault.toml", "--key-file", "key", *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        return out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def answer(self, *arguments: str, answers: Mapping[str, str]) -> str:
        """Run a command at a terminal, and answer what it asks, by the end of the question."""
        left = dict(answers)
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(sys.executable, self.command(*arguments), {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        said = ""
        while True:
            assert select.select([terminal], [], [], PATIENCE)[0], said
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            said += data.decode()
            for question in [each for each in left if said.rstrip().endswith(each)]:
                os.write(terminal, left.pop(question).encode() + b"\n")
        os.close(terminal)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said
        return said

    def killed(self, *arguments: str, after: int) -> None:
        """Start a command and kill all its processes as it sends one request more than so many."""
        process = self.start(*arguments)
        left = [after]

        def strike(request: object) -> bool:
            left[0] -= 1
            if left[0] == 0:
                os.killpg(process.pid, signal.SIGKILL)
                self.kills.append(len(self.server.calls))
            return False

        self.server.faults.add(Fault(Refuse("NEVER"), when=strike))
        process.communicate(timeout=PATIENCE)
        self.server.faults.clear()


@pytest.fixture
def household(tmp_path: Path, telegram_trust: None) -> Iterator[Household]:
    with LoopbackServer(demo_account()) as server:
        yield Household(tmp_path, server)


def test_an_account_is_whole_in_the_vault_however_often_the_backup_is_killed(household: Household) -> None:
    account = household.server.account
    household.answer(
        "login", "phone", "--by", "phone",
        answers={"api_hash:": "0" * 32, "4567:": account.phone, "Code:": account.code},
    )  # fmt: skip
    moments = random.Random(7)

    while len(household.kills) < KILLS:
        household.killed("backup", after=moments.randrange(8, 80))
    report = household.json("backup")["runs"][0]["report"]
    household.run("restore", "latest", "--to", "out")

    assert [found for found in report["findings"] if found["kind"] != "note"] == []
    assert kept(household.folder / "out") == told(account)
    assert not_under_way(household) == []
    assert len(household.json("verify", "--level", "data")["problems"]) == 0


def test_an_export_of_the_same_account_adds_no_message_and_edits_none(household: Household) -> None:
    account = household.server.account
    household.answer(
        "login", "phone", "--by", "phone",
        answers={"api_hash:": "0" * 32, "4567:": account.phone, "Code:": account.code},
    )  # fmt: skip
    household.run("backup")
    household.run("restore", "latest", "--to", "DataExport_2030-01-01")
    as_desktop_writes(household.folder / "DataExport_2030-01-01")

    report = household.json("import", "DataExport_2030-01-01")
    live = household.json("show", "latest", "Ann")["messages"]

    assert {name: report["messages"][name] for name in ("new", "edited", "gone", "back")} == dict.fromkeys(
        ("new", "edited", "gone", "back"), 0
    )
    assert report["chats_new"] == 0
    assert len({each["id"] for each in live}) == len(live)


def as_desktop_writes(export: Path) -> None:
    """Take out of an export what only a live account tells."""
    written = json.loads((export / "result.json").read_bytes())
    for chat in written["chats"]["list"]:
        for message in chat["messages"]:
            message.pop("api", None)
    for name in ("dialogs", "folders", "sticker_sets", "emoji_sets"):
        written.pop(name, None)
    (export / "result.json").write_text(json.dumps(written))


def told(account: Account) -> dict[tuple[str, int], dict[int, bytes]]:
    """What Telegram has: the bytes of every message that the account may see, by chat and id."""
    found: dict[tuple[str, int], dict[int, bytes]] = {}
    for talk in account.conversations.values():
        messages = {each.id: bytes(each) for each in talk.messages if visible(talk, each)}
        found.setdefault(place_of(account, talk), {}).update(
            {number - (SHIFT if moved_to(account, talk) else 0): data for number, data in messages.items()}
        )
    return {place: messages for place, messages in found.items() if messages}


def visible(talk: Conversation, message: Any) -> bool:
    return talk.access is Access.OPEN or (talk.access is Access.OWN_ONLY and bool(message.out))


def moved_to(account: Account, talk: Conversation) -> int | None:
    """The supergroup that a basic group has become."""
    entity = account.directory.chats.get(talk.peer)
    moved = getattr(entity, "migrated_to", None)
    return moved.channel_id if moved is not None else None


def place_of(account: Account, talk: Conversation) -> tuple[str, int]:
    if (channel := moved_to(account, talk)) is not None:
        return "channel", channel
    match talk.tl_peer:
        case types.PeerUser(user_id=number):
            return "user", number
        case types.PeerChat(chat_id=number):
            return "chat", number
    number = talk.tl_peer.channel_id
    # The direct messages of a channel are a personal chat in exports.
    return ("user" if account.directory.chats[talk.peer].monoforum else "channel"), number


KINDS = {"personal_chat": "user", "bot_chat": "user", "saved_messages": "user", "replies": "user",
         "verification_codes": "user", "private_group": "chat"}  # fmt: skip


def kept(restored: Path) -> dict[tuple[str, int], dict[int, bytes]]:
    """What the vault has: the same, after looking at what the bodies say, and that every file is there."""
    written = json.loads((restored / "result.json").read_bytes())
    files = files_below(restored)
    found: dict[tuple[str, int], dict[int, bytes]] = {}
    for chat in written["chats"]["list"]:
        messages = {each["id"]: base64.b64decode(each["api"]["raw"]) for each in chat["messages"]}
        if messages:
            found[KINDS.get(chat["type"], "channel"), chat["id"]] = messages
        for message in chat["messages"]:
            for name in ("photo", "file", "thumbnail", "contact_vcard"):
                path = message.get(name, "(")
                assert path.startswith("(") or path in files, (message["id"], path)
    return found


def not_under_way(household: Household) -> list[Part]:
    """Parts that were handed out again although nobody was killed while they were first.

    The account's other data, which Telegram gives as a file, belongs to each run anew.
    """
    first: dict[tuple[Any, int], int] = {}
    for call in household.server.calls.all(outcome="ok"):
        if call.part is not None:
            first.setdefault((call.part.file, call.part.offset), call.index)
    twice = household.server.calls.parts_fetched_twice()
    return [
        part
        for part in twice
        if part.kind != "takeout"
        and not any(abs(kill - first[part.file, part.offset]) <= UNDER_WAY for kill in household.kills)
    ]
