"""Real processes whose standard streams are closed, full, or without a reader."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = "error: standard output cannot be written to: no space left on device\n"
CLOSED = "error: standard output cannot be written to: bad file descriptor\n"


def shell(line: str, *, folder: Path) -> tuple[int, str]:
    """Run a line of a shell in which `$T` is the program; gives the exit code and standard error."""
    environment = {**os.environ, "T": f"{sys.executable} -m tgvault"}
    ended = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, check=False
    )
    return ended.returncode, ended.stderr.decode()


@pytest.mark.parametrize("command", ["version", "version --json", "--help", "version --help"])
@pytest.mark.parametrize(("where", "message"), [(">/dev/full", FULL), (">&-", CLOSED)])
def test_output_that_cannot_be_written_is_one_line_with_a_hint(
    command: str, where: str, message: str, tmp_path: Path
) -> None:
    code, err = shell(f"$T {command} {where}", folder=tmp_path)

    assert (code, err.partition("\nhint: ")[0]) == (11, message)


@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_what_else_went_wrong_goes_before(where: str, tmp_path: Path) -> None:
    code, err = shell(f"$T versoin {where}", folder=tmp_path)

    assert (code, err) == (2, "error: there is no command `versoin`\n\nhint: did you mean `tgvault version`?\n")


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-", "</dev/null 2>&-", "<&- 2>&-"])
@pytest.mark.parametrize(("command", "expected"), [("version", 0), ("versoin", 2)])
def test_messages_that_nobody_can_get_change_nothing(command: str, expected: int, where: str, tmp_path: Path) -> None:
    code, err = shell(f"$T {command} {where}", folder=tmp_path)

    assert (code, err) == (expected, "")


def test_without_any_stream_there_is_an_exit_code(tmp_path: Path) -> None:
    codes = [shell(f"$T {verb} <&- >&- 2>&-", folder=tmp_path)[0] for verb in ("version", "versoin", "snapshots")]

    assert codes == [11, 2, 20]


def test_a_reader_that_has_enough_ends_the_run_without_a_word(tmp_path: Path) -> None:
    _, err = shell("{ $T --help; echo $? >&2; } | true", folder=tmp_path)

    assert err == "141\n"


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()

    code, err = shell("cd gone && rmdir ../gone && exec $T version", folder=tmp_path)

    assert code == 2
    assert err.startswith("error: the current folder cannot be used: no such file or directory\n\nhint: ")
