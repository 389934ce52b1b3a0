"""Asking the person at the terminal."""

from __future__ import annotations

import getpass

import typer

from tgvault.cli.invocation import Invocation
from tgvault.errors import UsageError

__all__ = ["TRIES", "ask", "ask_secret", "can_ask", "confirm", "hidden_answer", "read_answer"]

#: How often somebody is asked who gives nothing, or what cannot be right.
TRIES = 3


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
    secret = hidden_answer(invocation, question)
    if twice and can_ask(invocation) and hidden_answer(invocation, f"{question}, once more") != secret:
        raise UsageError("the two are not the same", hint="start again")
    if not secret:
        raise UsageError("nothing was given", hint="run the command again, and type it or write it to standard input")
    return secret


def hidden_answer(invocation: Invocation, question: str) -> str:
    """Ask for a secret without showing it, or read it where nobody can be asked; it may be empty.

    Raises:
        UsageError: standard input is no text.
        typer.Abort: the person ended the input.
    """
    return _typed(f"{question}: ", invocation) if can_ask(invocation) else read_answer(invocation)


def read_answer(invocation: Invocation) -> str:
    """Read a line of standard input, where nobody can be asked; empty at its end.

    Raises:
        UsageError: it is no text.
    """
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
