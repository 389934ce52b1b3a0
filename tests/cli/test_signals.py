"""Real processes that are stopped, at moments that the test chooses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: Runs the command line, and is sent a signal in the midst of the import of a module.
STOPPED_AT_IMPORT = """
import os, sys
number, module = int(sys.argv.pop(1)), sys.argv.pop(1)

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), number)

sys.meta_path.insert(0, Stop())
from tgvault.cli.main import run
sys.exit(run())
"""

#: The same with one more verb, `act`, that does what stands in the first argument.
ACT = """
import sys, types
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

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def run(program: str, *arguments: str, folder: Path) -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize("module", ["tgvault.cli.frame", "typer", "tgvault.cli.snapshots", "tgvault.engine.opening"])
@pytest.mark.parametrize("number", ALL)
def test_a_signal_while_modules_are_imported_is_one_word(number: int, module: str, tmp_path: Path) -> None:
    stopped = run(STOPPED_AT_IMPORT, str(int(number)), module, "snapshots", folder=tmp_path)

    assert stopped == (130, "", "\nstopped\n")


def test_ctrl_c_before_its_handler_is_there_is_one_word(tmp_path: Path) -> None:
    stopped = run(STOPPED_AT_IMPORT, str(int(signal.SIGINT)), "tgvault.cli.signals", "snapshots", folder=tmp_path)

    assert stopped == (130, "", "\nstopped\n")


def test_a_stop_in_a_destructor_is_not_lost(tmp_path: Path) -> None:
    code = """
import os, signal, time
class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)
Dying()
time.sleep(30)
"""

    stopped = run(ACT, code, "act", folder=tmp_path)

    assert stopped == (130, "", "\nstopped\n")


def test_anything_else_in_a_destructor_is_told_by_python(tmp_path: Path) -> None:
    code = "class Dying:\n    def __del__(self): raise ZeroDivisionError\nDying()"

    ended = run(ACT, code, "act", folder=tmp_path)

    assert ended[0] == 0
    assert "ZeroDivisionError" in ended[2]


def test_a_stop_before_a_coroutine_is_awaited_is_one_word(tmp_path: Path) -> None:
    code = """
import asyncio, os, signal
async def made(): ...
async def work():
    never_awaited = made()
    os.kill(os.getpid(), signal.SIGINT)
asyncio.run(work())
"""

    stopped = run(ACT, code, "act", folder=tmp_path)

    assert stopped == (130, "", "\nstopped\n")


def test_a_stop_while_another_one_is_shown_is_no_traceback(tmp_path: Path) -> None:
    code = """
import os, signal, sys
def stop():
    del sys.stdout.flush
    os.kill(os.getpid(), signal.SIGINT)
sys.stdout.flush = stop
raise KeyboardInterrupt
"""

    stopped = run(ACT, code, "act", folder=tmp_path)

    assert stopped == (130, "", "\nstopped\n")


def test_a_thread_that_waits_for_ever_does_not_keep_a_stopped_run_alive(tmp_path: Path) -> None:
    code = "import threading; threading.Thread(target=threading.Event().wait).start(); raise KeyboardInterrupt"

    stopped = run(ACT, code, "act", folder=tmp_path)

    assert stopped == (130, "", "\nstopped\n")


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    code = "import signal; print([signal.getsignal(each) is signal.SIG_IGN for each in (1, 2, 15)])"
    line = 'trap "" HUP INT; exec "$@"'
    command = ["sh", "-c", line, "sh", sys.executable, "-c", ACT, code, "act"]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env={**os.environ})

    assert ended.stdout == "[True, True, False]\n"
