"""`tgvault login`, `whoami` and `logout` as processes at a terminal, with the account of a loopback server."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from account_support import API_HASH, ada, serving
from cli.support import attempt
from tgvault.testing.telegram import LoopbackServer

PASSWORD = "correct horse 42"
CODE = "98765"


@dataclass
class Shell:
    """A folder with a vault, and the environment of a person."""

    folder: Path
    server: LoopbackServer

    def at_terminal(self, *arguments: str, answers: dict[str, str], stop_at: str = "") -> tuple[int, str, str]:
        """Run a command; each answer is typed when its question stands on the screen. Gives code, output, screen.

        With `stop_at` the command is sent a signal once that is on the screen.
        """
        outside, inside = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "tgvault", *arguments],
            cwd=self.folder,
            env={**os.environ, "COLUMNS": "100"},
            stdin=inside,
            stderr=inside,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(inside)
        screen = self._follow(outside, answers, stop_at, process)
        assert process.stdout is not None
        with process.stdout:
            output = process.stdout.read().decode()
        code = process.wait(30)
        os.close(outside)
        return code, output, screen

    def piped(self, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str, str]:
        """Run a command where there is no terminal."""
        ended = subprocess.run(
            [sys.executable, "-m", "tgvault", *arguments],
            cwd=self.folder,
            env={**os.environ, **environment},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return ended.returncode, ended.stdout, ended.stderr

    def _follow(self, terminal: int, answers: dict[str, str], stop_at: str, process: subprocess.Popen[bytes]) -> str:
        screen, waiting = b"", dict(answers)
        while select.select([terminal], [], [], 30)[0]:
            try:
                screen += os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            for question, answer in list(waiting.items()):
                if question.encode() in screen:
                    del waiting[question]
                    os.write(terminal, f"{answer}\n".encode())
            if stop_at and stop_at.encode() in screen:
                process.send_signal(signal.SIGINT)
                stop_at = ""
            elif b"tg://" in screen:
                self.server.accept_login()
        else:
            # It waits for what nobody will type.
            process.kill()
        return screen.decode().replace("\r\n", "\n")

    def everything(self) -> bytes:
        """All that lies on the disk."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    account = ada()
    account.code, account.password = CODE, PASSWORD
    with serving(account) as server:
        made = attempt(
            *("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit", "--state", "s"),
            folder=tmp_path,
        )
        assert made.code == 0, made.err
        (tmp_path / "server.pem").write_text(server.public_key)
        dc, host, port = server.home
        with (tmp_path / "vault.toml").open("a") as file:
            file.write(f'[sources.phone]\ntype = "takeout"\nserver = "{host}:{port}"\nserver_dc = {dc}\n')
            file.write('server_keys = "server.pem"\n')
        yield Shell(tmp_path, server)


def test_a_person_logs_in_by_phone_and_nothing_secret_stays_on_screen_or_disk(shell: Shell) -> None:
    code, output, screen = shell.at_terminal(
        "login",
        "phone",
        answers={
            "Log in by [qr]: ": "p",
            "api_id: ": "12345",
            "api_hash: ": API_HASH,
            "+43 664 1234567: ": "+1 555 0100",
            "Code: ": CODE,
            "Two-factor password (hint: the usual): ": PASSWORD,
        },
    )

    assert (code, output) == (
        0,
        "phone  Ada Lovelace, id 5\n       user name @ada\n       user name @countess\n       phone number +15550100\n",
    )
    ways, _, said = screen.partition("Log in by [qr]: ")
    assert "phone  your phone number and a code" in ways
    assert said.partition("\n")[2].startswith("It reads from your Telegram account: ")
    for secret in (API_HASH, PASSWORD):
        assert secret not in output + screen
        assert secret.encode() not in shell.everything()


def test_a_code_on_the_screen_is_scanned_and_the_session_can_be_used_and_ended(shell: Shell) -> None:
    code, _, screen = shell.at_terminal(
        "login",
        "phone",
        "--by",
        "qr",
        answers={"api_id: ": "12345", "api_hash: ": API_HASH, "Two-factor password (hint: the usual): ": PASSWORD},
    )
    who = shell.piped("whoami", "phone", "--json")
    out = shell.piped("logout", "phone")
    nobody = shell.piped("whoami", "phone")

    assert code == 0, screen
    assert "▀" in screen
    assert json.loads(who[1])["id"] == 5
    assert out == (0, "phone  logged out\n", "")
    assert (nobody[0], nobody[2].splitlines()[0]) == (86, "error: nobody is logged in for source `phone`")
    assert len(shell.server.calls.all("auth.logOut", outcome="ok")) == 1


def test_a_program_logs_a_bot_in_through_a_pipe(shell: Shell) -> None:
    token = "700:AAAAbbbbCCCCddddEEEEffffGGGGhhhh"
    environment = {"TGVAULT_TELEGRAM_API_ID": "12345", "TGVAULT_TELEGRAM_API_HASH": API_HASH}

    done = shell.piped("login", "phone", "--by", "bot", typed=f"{token}\n", **environment)

    assert done[:2] == (0, "phone  Helper, id 700\n       user name @helper_bot\n       kind bot\n")
    assert token not in done[2]
    assert token.encode() not in shell.everything()


def test_a_program_logs_a_person_in_through_a_pipe_with_the_answers_as_lines(shell: Shell) -> None:
    answers = ("12345", API_HASH, "+1 555 0100", CODE, PASSWORD)

    done = shell.piped("login", "phone", "--by", "phone", typed="".join(f"{each}\n" for each in answers))

    assert (done[0], done[1].splitlines()[0]) == (0, "phone  Ada Lovelace, id 5")
    for secret in (API_HASH, PASSWORD):
        assert secret not in done[1] + done[2]
        assert secret.encode() not in shell.everything()


def test_a_pipe_that_ends_before_the_code_says_what_is_missing(shell: Shell) -> None:
    done = shell.piped("login", "phone", "--by", "phone", typed=f"12345\n{API_HASH}\n+1 555 0100\n")

    assert done[0] == 2
    assert "error: standard input has no answer to this: Code\n" in done[2]


def test_an_api_hash_in_the_configuration_is_said_to_be_a_secret(shell: Shell) -> None:
    with (shell.folder / "vault.toml").open("a") as file:
        file.write(f'api_hash = "{API_HASH}"\n')

    done = shell.piped("login", "phone")

    assert done[0] == 20
    assert "`sources.phone.api_hash` in " in done[2]
    assert "it is a secret: delete the line; `tgvault login` asks for it" in done[2]
    assert API_HASH not in done[2]


def test_keys_that_cannot_be_used_are_a_mistake_in_the_configuration(shell: Shell) -> None:
    (shell.folder / "server.pem").unlink()

    done = shell.piped("login", "phone", "--by", "bot")

    assert done[0] == 20
    assert "error: `server_keys`: `" in done[2]


def test_a_wrong_token_is_told_without_a_traceback_and_not_shown(shell: Shell) -> None:
    environment = {"TGVAULT_TELEGRAM_API_ID": "12345", "TGVAULT_TELEGRAM_API_HASH": API_HASH}

    done = shell.piped("-v", "login", "phone", "--by", "bot", typed=f"700:{'x' * 35}\n", **environment)

    assert done[0] == 87
    assert "error: Telegram does not know the bot's token\n\nhint: copy it from @BotFather\n" in done[2]
    assert "xxx" not in done[2]
    assert "Traceback" not in done[2]


@pytest.mark.parametrize("moment", ["api_hash: ", "+43 664 1234567: ", "tg://login", "Two-factor"])
def test_a_login_can_be_stopped_at_any_question(shell: Shell, moment: str) -> None:
    way = "qr" if moment == "tg://login" else "phone"
    questions = {
        "api_id: ": "12345",
        "api_hash: ": API_HASH,
        "+43 664 1234567: ": "+1 555 0100",
        "Code: ": CODE,
    }
    questions.pop(moment, None)

    code, output, screen = shell.at_terminal("login", "phone", "--by", way, answers=questions, stop_at=moment)

    assert (code, output) == (130, "")
    assert screen.endswith("\nstopped\n")
    assert "Traceback" not in screen
    assert shell.piped("whoami", "phone")[0] == 86
