"""The outermost frame: signals, streams, exit codes, and how errors are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

import typer

from tgvault.cli.failure import machine_error, show_bug, show_error, show_stopped, show_usage
from tgvault.cli.invocation import Invocation
from tgvault.cli.root import root_command
from tgvault.cli.signals import end, leave_at_once
from tgvault.cli.streams import forget_output, prepare_streams
from tgvault.errors import OutputClosedError, OutputError, TgVaultError, UsageError

__all__ = ["execute", "run_process"]

PROGRAM = "tgvault"


def run_process() -> int:
    """Run the command line of this process; returns the exit code."""
    prepare_streams()
    _leave_no_core_dumps()
    if f"_{PROGRAM.upper()}_COMPLETE" in os.environ:
        root_command().main(prog_name=PROGRAM)
    try:
        invocation = Invocation.of_process()
    except OSError as error:
        return show_error(_no_folder(error), sys.stderr)
    try:
        code = execute(sys.argv[1:], invocation)
    except KeyboardInterrupt:
        # A second time, or while an error was being shown.
        code = show_stopped(sys.stderr)
    leave_at_once()
    return end(code)


def execute(arguments: Sequence[str], invocation: Invocation) -> int:
    """Carry out one command line and show whatever goes wrong; returns the exit code."""
    try:
        return _carry_out(arguments, invocation)
    except KeyboardInterrupt:
        _print_rest(invocation)
        return show_stopped(invocation.stderr)
    except Exception as error:
        _print_rest(invocation)
        return _show(error, invocation.stderr, verbose=not {"-v", "--verbose"}.isdisjoint(arguments))


def _carry_out(arguments: Sequence[str], invocation: Invocation) -> int:
    root = root_command()
    code = 0
    try:
        with root.make_context(PROGRAM, list(arguments), obj=invocation) as context:
            root.invoke(context)
    except typer.Exit as leaving:
        code = leaving.exit_code
    invocation.stdout.flush()
    return code


def _print_rest(invocation: Invocation) -> None:
    """Print what a command that failed printed until then: before what went wrong, also where both go to one file."""
    try:
        invocation.stdout.flush()
    except OutputError:
        # The command failed already, which is what matters.
        forget_output()


def _show(error: Exception, stderr: TextIO, *, verbose: bool) -> int:
    if isinstance(error, typer.TyperException):
        return show_usage(error, stderr)
    if isinstance(error, typer.Abort):
        return show_stopped(stderr)
    if isinstance(error, OutputClosedError):
        return error.exit_code
    foreseen = error if isinstance(error, TgVaultError) else machine_error(error)
    return show_bug(error, stderr) if foreseen is None else show_error(foreseen, stderr, verbose=verbose)


def _no_folder(error: OSError) -> UsageError:
    reason = (error.strerror or str(error)).lower()
    return UsageError(f"the current folder cannot be used: {reason}", hint="go to one that is there")


def _leave_no_core_dumps() -> None:
    """Keep a crash from writing keys and messages to the disk; workers and key commands inherit it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
