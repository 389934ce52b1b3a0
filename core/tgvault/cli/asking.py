"""Asking the person at the terminal."""

from __future__ import annotations

import getpass

import typer

from tgvault.cli.invocation import Invocation
from tgvault.errors import UsageError

__all__ = ["ask", "ask_secret", "can_ask", "confirm"]


def can_ask(invocation: Invocation) -> bool:
    """Whether there is somebody to ask."""
    return invocation.stdin.isatty() and invocation.stderr.isatty()


def ask(invocation: Invocation, question: str, *, default: str = "") -> str:
    """Ask for a line; an empty one stands for the default.

    Raises:
        typer.Abort: the person ended the input.
    """
    shown = f" [{default}]" if default else ""
    invocation.stderr.write(f"{question}{shown}: ")
    invocation.stderr.flush()
    line = invocation.stdin.readline()
    if not line:
        raise typer.Abort
    return line.strip() or default


def confirm(invocation: Invocation, question: str) -> bool:
    """Ask a question whose answer is yes unless the person says no."""
    return ask(invocation, f"{question} [Y/n]").lower() not in {"n", "no"}


def ask_secret(invocation: Invocation, question: str, *, twice: bool = False) -> str:
    """Ask for a secret without showing it, or read a line of standard input where nobody can be asked.

    Raises:
        UsageError: nothing was given, or no text, or the second time something else.
    """
    if not can_ask(invocation):
        secret = _piped(invocation)
    else:
        secret = _typed(f"{question}: ", invocation)
        if twice and _typed(f"{question}, once more: ", invocation) != secret:
            raise UsageError("the two are not the same", hint="start again")
    if not secret:
        raise UsageError("nothing was given", hint=f"{question.lower()} is asked for, or read from standard input")
    return secret


def _piped(invocation: Invocation) -> str:
    try:
        return invocation.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        # The error would carry the secret.
        raise UsageError("standard input is not text", hint="write it as UTF-8") from None


def _typed(prompt: str, invocation: Invocation) -> str:
    try:
        return getpass.getpass(prompt, stream=invocation.stderr)
    except EOFError:
        raise typer.Abort from None
