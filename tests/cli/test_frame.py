"""The outermost frame: what is shown for what goes wrong, and with which exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from cli.support import Tried
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.root import VERBS, Verb
from tgvault.errors import CorruptObjectError, NotFoundError, TgVaultError

Run = Callable[..., Tried]

#: A program that runs the command line with one more verb, `act`, whose body is the first argument.
PROGRAM = """
import sys, types, typer
from tgvault.cli import main, root
from tgvault.cli.command import VaultCommand, new_app

code = sys.argv.pop(1)
module = types.ModuleType("tgvault.cli.act")
module.app = new_app()
module.app.command(cls=VaultCommand)(lambda: exec(code, {}))
sys.modules["tgvault.cli.act"] = module
root.VERBS["act"] = root.Verb("act", "Act")
sys.exit(main.run())
"""


def test_a_crash_leaves_no_core_dump_with_secrets_in_it(tmp_path: Path) -> None:
    act = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])"

    ended = subprocess.run(
        ["sh", "-c", 'ulimit -S -c 1000 2>/dev/null; "$@"', "sh", sys.executable, "-c", PROGRAM, act, "act"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == "0\n"


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Add a verb `act` that raises."""

    def arrange(error: BaseException) -> None:
        def act() -> None:
            secret = "AGE-SECRET-KEY-1XYZ"  # noqa: F841
            raise error

        module = types.ModuleType("tgvault.cli.act")
        module.app = new_app()  # type: ignore[attr-defined]
        module.app.command(cls=VaultCommand)(act)
        monkeypatch.setitem(sys.modules, "tgvault.cli.act", module)
        monkeypatch.setitem(VERBS, "act", Verb("act", "Act"))  # type: ignore[arg-type]

    return arrange


def start(code: str, *, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, code, "act"], stdout=stdout, stderr=subprocess.PIPE, text=True
    )


def test_an_error_is_a_message_an_empty_line_and_a_hint(tgvault: Run, raising: Callable[..., None]) -> None:
    raising(CorruptObjectError("`packs/ab/1.age` does not match its name", hint="run `tgvault verify`"))

    tried = tgvault("act")

    assert tried == Tried(65, "", "error: `packs/ab/1.age` does not match its name\n\nhint: run `tgvault verify`\n")


def test_an_error_without_a_hint_is_one_line(tgvault: Run, raising: Callable[..., None]) -> None:
    raising(NotFoundError("no chat is called `\x1b[2J\n\nhint: run this`"))

    tried = tgvault("act")

    assert tried == Tried(21, "", "error: no chat is called `\\x1b[2J\\n\\nhint: run this`\n")


def test_causes_are_for_those_who_ask(tgvault: Run, raising: Callable[..., None]) -> None:
    error = TgVaultError("the vault cannot be read")
    error.__cause__ = PermissionError(13, "Permission denied", "a\x9bb")
    raising(error)

    tried = (tgvault("act"), tgvault("act", "--verbose"))

    assert "caused by" not in tried[0].err
    assert "caused by: PermissionError: [Errno 13] Permission denied: 'a\\x9bb'\n" in tried[1].err


def test_a_bug_is_a_traceback_without_values_and_a_request(tgvault: Run, raising: Callable[..., None]) -> None:
    raising(ZeroDivisionError("\x1b[2J"))

    tried = tgvault("act")

    assert tried.code == 1
    assert "Traceback (most recent call last):" in tried.err
    assert "ZeroDivisionError: \\x1b[2J" in tried.err
    assert "Please report it" in tried.err
    assert "AGE-SECRET-KEY" not in tried.err


def test_a_broken_pipe_inside_is_a_bug_and_not_our_output(tgvault: Run, raising: Callable[..., None]) -> None:
    raising(BrokenPipeError(32, "Broken pipe"))

    tried = tgvault("act")

    assert tried.code == 1
    assert "BrokenPipeError" in tried.err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()])
def test_a_run_that_is_stopped_says_so(tgvault: Run, raising: Callable[..., None], error: BaseException) -> None:
    raising(error)

    tried = tgvault("act")

    assert tried == Tried(130, "", "\nstopped\n")


def test_a_verb_may_leave_with_a_code_of_its_own(tgvault: Run, raising: Callable[..., None]) -> None:
    raising(typer.Exit(3))

    tried = tgvault("act")

    assert tried == Tried(3, "", "")


@pytest.mark.parametrize(
    ("arguments", "err"),
    [
        (("versoin",), "error: there is no command `versoin`\n\nhint: did you mean `tgvault version`?\n"),
        (("xyzzy",), "error: there is no command `xyzzy`\n\nhint: run `tgvault --help` for the list\n"),
        (("version", "--jsno"), "error: there is no option `--jsno`\n\nhint: did you mean `--json`?\n"),
        (("--xyzzy",), "error: there is no option `--xyzzy`\n\nhint: run `tgvault --help`\n"),
        (("version", "--vault"), "error: option `--vault` requires an argument\n"),
        (
            ("version", "now"),
            "error: got unexpected extra argument(s) (now)\n\nhint: run `tgvault version --help`\n",
        ),
    ],
)
def test_a_wrong_command_line_has_the_same_look(tgvault: Run, arguments: tuple[str, ...], err: str) -> None:
    tried = tgvault(*arguments)

    assert tried == Tried(2, "", err)


def test_help_is_data(tgvault: Run) -> None:
    tried = tgvault("--help")

    assert (tried.code, tried.err) == (0, "")
    assert "Options of every command" in tried.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_cleanly(number: signal.Signals) -> None:
    code = "import sys\ntry: print('ready', flush=True); sys.stdin.read()\nfinally: print('tidied')"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, code, "act"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()

        running.send_signal(number)
        out, err = running.stdout.read(), running.stderr.read() if running.stderr else ""

    assert (running.returncode, out, err) == (130, "tidied\n", "\nstopped\n")


def test_nohup_is_honoured() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with start(code) as running:
            out, _ = running.communicate()
    finally:
        signal.signal(signal.SIGHUP, before)

    assert out == "True\n"


def test_a_reader_that_goes_away_ends_the_run_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with start("print('x' * 100_000, flush=True)", stdout=writing) as running:
        os.close(writing)
        _, err = running.communicate()

    assert (running.returncode, err) == (141, "")


def test_a_name_that_the_encoding_lacks_does_not_end_the_run() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, "print('Ёлка')", "act"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert ended.stdout == b"\\u0401\\u043b\\u043a\\u0430\n"


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tgvault", "version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert ended.stdout.startswith("tgvault ")


def test_shells_complete_verbs() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tgvault"],
        env={**os.environ, "_TGVAULT_COMPLETE": "complete_bash", "COMP_WORDS": "tgvault vers", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout == "version\n"
