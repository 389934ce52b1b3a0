"""The outermost frame: signals, streams, exit codes, and how errors are shown."""

from __future__ import annotations

import io
import os
import select
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

import typer

from tgvault.cli.failure import EXIT_OUTPUT_CLOSED, show_bug, show_error, show_stopped, show_usage
from tgvault.cli.invocation import Invocation
from tgvault.cli.root import root_command
from tgvault.errors import TgVaultError

__all__ = ["execute", "run_process"]

PROGRAM = "tgvault"


def run_process() -> int:
    """Run the command line of this process; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal's encoding cannot write must not end the run.
            stream.reconfigure(errors="backslashreplace")
    _leave_no_core_dumps()
    if f"_{PROGRAM.upper()}_COMPLETE" in os.environ:
        root_command().main(prog_name=PROGRAM)
    _stop_on_signals()
    return execute(sys.argv[1:], Invocation.of_process())


def execute(arguments: Sequence[str], invocation: Invocation) -> int:
    """Carry out one command line and show whatever goes wrong; returns the exit code."""
    stderr = invocation.stderr
    try:
        return _carry_out(arguments, invocation)
    except TgVaultError as error:
        return show_error(error, stderr, verbose=not {"-v", "--verbose"}.isdisjoint(arguments))
    except typer.TyperException as error:
        return show_usage(error, stderr)
    except (KeyboardInterrupt, typer.Abort):
        return show_stopped(stderr)
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _has_no_reader(invocation.stdout):
            return _leave_quietly(invocation.stdout)
        return show_bug(error, stderr)


def _carry_out(arguments: Sequence[str], invocation: Invocation) -> int:
    root = root_command()
    try:
        with root.make_context(PROGRAM, list(arguments), obj=invocation) as context:
            root.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    finally:
        invocation.stdout.flush()
    return 0


def _leave_no_core_dumps() -> None:
    """Keep a crash from writing keys and messages to the disk; workers and key commands inherit it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _stop_on_signals() -> None:
    """Let a polite end, and the end of the terminal, be as clean as Ctrl-C."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # `nohup` has SIGHUP ignored, and means it.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _has_no_reader(stdout: TextIO) -> bool:
    """Whether it was our own output that broke, and not a pipe to a worker or a sink."""
    try:
        watched = select.poll()
        watched.register(stdout, select.POLLOUT)
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in watched.poll(0))
    except (AttributeError, OSError, ValueError):
        # Windows has no poll, and a stream in a test no descriptor.
        return False


def _leave_quietly(stdout: TextIO) -> int:
    # Python flushes standard output once more at its end, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
    return EXIT_OUTPUT_CLOSED
