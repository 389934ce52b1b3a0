"""What ends a run from outside: Ctrl-C, a polite end, the end of the terminal."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from tgvault.errors import EXIT_STOPPED

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["STOPPED", "end", "leave_at_once", "stop_cleanly"]

#: What is said of a run that was stopped, on a line of its own: the cursor may stand behind a `^C`.
STOPPED = "\nstopped\n"

#: Windows lacks the last one.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

#: Seconds after which a stop that nobody could pass on is tried again.
_AGAIN = 0.01


def leave_at_once() -> None:
    """Let a signal end the process where it stands: while nothing is open yet, and once everything is closed.

    An exception in the middle of an import, or of the interpreter's end, would be a traceback.
    """
    _handle(_leave)


def stop_cleanly() -> None:
    """Let a signal raise `KeyboardInterrupt`, so that everything that is open is closed on the way out."""
    sys.unraisablehook = _stop_later
    _handle(_interrupt)


def end(code: int) -> int:
    """Give the exit code back, unless the run was stopped and a thread of its workers would keep the process alive."""
    if code == EXIT_STOPPED:
        from threading import enumerate as threads
        from threading import main_thread

        if any(not each.daemon and each is not main_thread() for each in threads()):
            os._exit(code)
    return code


def _handle(handler: Callable[[int, FrameType | None], NoReturn]) -> None:
    for name in _NAMES:
        number = getattr(signal, name, None)
        # `nohup` has SIGHUP ignored, a shell SIGINT for what runs in the background, and both mean it.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    try:
        os.write(2, STOPPED.encode())
    finally:
        os._exit(EXIT_STOPPED)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # A signal may come between the making of a coroutine and its being awaited, which is nobody's mistake.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    raise KeyboardInterrupt


def _stop_later(unraisable: UnraisableHookArgs) -> None:
    """Raise a stop once more that came in a destructor or a callback, where Python cannot pass it on."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    from threading import Timer

    Timer(_AGAIN, _stop_main_thread).start()


def _stop_main_thread() -> None:
    """Send the stop to the thread that it is for: only a signal of its own ends what that is waiting for."""
    if sys.platform == "win32":
        # There Python wakes it up whichever thread has the signal.
        signal.raise_signal(signal.SIGINT)
        return
    from threading import main_thread

    main = main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)
