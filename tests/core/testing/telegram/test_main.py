"""The server as a process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from telethon import TelegramClient
from telethon.sessions import MemorySession

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.__main__ import COMMANDS, build, carry_out, serve
from tgvault.testing.telegram.client import API_HASH, API_ID


def test_accounts_are_built_by_their_names() -> None:
    assert build("demo").me.first_name == "Ada"
    assert len(build("large:2000").conversations) == 20
    assert len(build("files:3:100").named("Person 0").messages) == 3


@pytest.mark.parametrize("name", ["other", "demo:1", "large", "files:1"])
def test_what_is_no_account_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="is not an account"):
        build(name)


def test_commands_change_the_account_and_tell_of_the_server(telegram: LoopbackServer) -> None:
    made = carry_out(telegram, "say Lunch Soup today")
    carry_out(telegram, f"edit Lunch {made} Stew today")

    assert telegram.account.named("Lunch").messages.get(made).message == "Stew today"  # type: ignore[arg-type]
    assert carry_out(telegram, f"delete Lunch {made}") is True
    assert made not in telegram.account.named("Lunch").messages  # type: ignore[operator]
    assert carry_out(telegram, "busy")["busy_seconds"] > 0  # type: ignore[index]
    assert carry_out(telegram, "fault help.getNearestDc TIMEOUT 0 2") is True
    assert len(telegram.faults.pending()) == 1
    assert carry_out(telegram, "twice") == {"twice": []}
    assert carry_out(telegram, "parts") == {"parts": 0}
    assert carry_out(telegram, "calls") == {}
    for word in ("accept", "age", "clear", "cut", "end SESSION_REVOKED"):
        assert carry_out(telegram, word) is True


@pytest.mark.parametrize("line", ["what", "say Nobody hello", "delete Lunch x", "end"])
def test_what_is_no_command_is_told(telegram: LoopbackServer, line: str) -> None:
    answer = carry_out(telegram, line)

    assert answer["commands"] == sorted(COMMANDS)  # type: ignore[index]


def test_it_tells_where_it_is_and_carries_out_what_it_is_told(tmp_path: Path) -> None:
    told: list[Any] = []
    key_file = tmp_path / "key.pem"

    serve(["--account", "files:1:9", "--key-file", str(key_file)], ["busy\n", "\n", "calls\n"], told.append)

    assert (told[0]["phone"], told[0]["dc"], told[0]["key_file"]) == ("+15550100", 2, str(key_file))
    assert len(told) == 3
    assert key_file.read_text() == told[0]["public_key"]


@pytest.mark.usefixtures("telegram_trust")
def test_a_client_talks_to_the_process(tmp_path: Path) -> None:
    key_file = tmp_path / "key.pem"
    command = [sys.executable, "-m", "tgvault.testing.telegram", "--account", "demo", "--key-file", str(key_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())

        asyncio.run(_login(where))
        process.stdin.write("calls\n\n")
        process.stdin.flush()
        calls = json.loads(process.stdout.readline())
        process.terminate()

    assert calls["auth.signIn"] == 1
    assert key_file.read_text() == where["public_key"]
    assert set(where["ports"]) == {"2", "4", "203"}


async def _login(where: dict[str, object]) -> None:
    session = MemorySession()
    session.set_dc(where["dc"], where["host"], where["port"])
    client = TelegramClient(session, API_ID, API_HASH, receive_updates=False)
    await client.connect()
    await client.send_code_request(where["phone"])
    await client.sign_in(where["phone"], where["code"])
    await client.disconnect()
