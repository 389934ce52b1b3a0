from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tgvault.errors import StateError, VaultBusyError
from tgvault.state.lock import writing

HOLD = """
import sys
from pathlib import Path
from tgvault.state.lock import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "writing.lock"


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_process_is_told_at_once_that_the_vault_is_busy(path: Path) -> None:
    process = holder(path)

    with pytest.raises(VaultBusyError) as caught, writing(path):
        pass
    assert caught.value.hint
    process.communicate()


def test_the_lock_goes_with_the_process_that_is_killed(path: Path) -> None:
    process = holder(path)
    process.kill()
    process.communicate()

    with writing(path):
        assert path.exists()


def test_the_lock_can_be_had_again_and_again_also_after_an_error(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writing(path):
        raise ZeroDivisionError

    with writing(path):
        pass


def test_the_lock_is_not_to_be_had_twice_in_one_process(path: Path) -> None:
    with writing(path), pytest.raises(VaultBusyError), writing(path):
        pass


def test_the_file_of_the_lock_holds_nothing(path: Path) -> None:
    with writing(path):
        pass

    assert path.read_bytes() == b""


def test_a_folder_that_cannot_be_used_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StateError, match="cannot be used") as caught, writing(tmp_path / "file" / "writing.lock"):
        pass
    assert caught.value.hint


def test_a_lock_that_cannot_be_written_is_told(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(StateError, match="cannot be used"), writing(path):
        pass
