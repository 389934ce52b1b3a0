"""The guide's own Telegram does what the guide says: the blocks are carried out as they stand, on other ports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tgvault.testing.telegram.demo import BOT_TOKEN

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "plugins.md").read_text(encoding="utf-8")
SERVE, USE = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def environment() -> dict[str, str]:
    """That of somebody whose shell finds the tgvault of this Python."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


@pytest.fixture
def port(tmp_path: Path, environment: dict[str, str]) -> Iterator[int]:
    """Where the guide's server is, in another place than the guide's."""
    # Three in a row, below those that the system gives to whoever asks for any.
    port = 10_000 + os.getpid() % 6_000 * 3
    process = subprocess.Popen(
        SERVE.strip().replace("4430", str(port)).split(),
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        assert (where["port"], where["dc"], where["phone"], where["code"]) == (port, 2, "+15550100", "12345")
        yield port
        process.kill()


def carried_out(script: str, folder: Path, environment: dict[str, str]) -> str:
    """Carry out a script in a shell; gives what it prints."""
    ended = subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_what_the_guide_shows_logs_in_and_backs_up(tmp_path: Path, environment: dict[str, str], port: int) -> None:
    said = carried_out(USE.replace("4430", str(port)), tmp_path, environment)

    assert "loop  Ada Lovelace, id 1001\n" in said
    assert re.search(r"^messages +238; 238 new$", said, re.MULTILINE)


def test_the_guides_bot_logs_in_by_the_token_that_the_guide_says(
    tmp_path: Path, environment: dict[str, str], port: int
) -> None:
    made, _, _ = USE.replace("4430", str(port)).partition("printf")
    source = made.replace('"takeout"\n', '"takeout"\ntakeout = false\narchive = "bot"\n')
    lines = "0123456789abcdef0123456789abcdef " + BOT_TOKEN

    said = carried_out(f"{source}\nprintf '%s\\n' {lines} | tgvault login --by bot\n", tmp_path, environment)

    assert f"`{BOT_TOKEN}`" in GUIDE
    assert "loop  Helper, id 3001\n" in said
