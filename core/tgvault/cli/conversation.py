"""Talking with the person at the terminal while somebody logs in."""

from __future__ import annotations

import shutil

from tgvault.cli.asking import ask, ask_secret, can_ask
from tgvault.cli.invocation import Invocation
from tgvault.cli.qr import draw_qr
from tgvault.cli.safe import safe_line, width
from tgvault.errors import UsageError

__all__ = ["Talk"]

_HINT = "run the command in a terminal"
_NARROW = "The terminal is too narrow for the QR code: make it wider, or open this link with Telegram."


class Talk:
    """A `Conversation` at the terminal. Where there is nobody to be asked, secrets are lines of standard input."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        #: Lines of the terminal that the code shown last takes, as long as nothing was written after it.
        self._shown = 0

    def tell(self, text: str) -> None:
        """Say something, one line."""
        self._shown = 0
        self._invocation.output.warn(safe_line(text))

    def ask(self, question: str) -> str:
        """Ask for something that may be seen; see `Conversation.ask`."""
        self._shown = 0
        asked = safe_line(question)
        if not can_ask(self._invocation):
            raise UsageError(f"there is nobody to be asked: {asked}", hint=_HINT)
        answer = ask(self._invocation, asked)
        if not answer:
            raise UsageError(f"nothing was given: {asked}", hint="start again")
        return answer

    def ask_secret(self, question: str) -> str:
        """Ask for something that may not be seen; see `Conversation.ask`."""
        self._shown = 0
        return ask_secret(self._invocation, safe_line(question))

    def show_code(self, text: str) -> None:
        """Show a QR code and the text in it, in place of the one shown before."""
        stderr = self._invocation.stderr
        if not stderr.isatty():
            raise UsageError("there is no terminal to show a QR code on", hint=_HINT)
        columns = shutil.get_terminal_size().columns
        code = draw_qr(text, blocks=(stderr.encoding or "utf-8").lower() in {"utf-8", "utf8"})
        fits = code.columns <= columns
        words = [safe_line(text)] if fits else [_NARROW, safe_line(text)]
        drawn = code.lines if fits else ()
        back = f"\x1b[{self._shown}F\x1b[J" if self._shown else ""
        stderr.write(back + "\n".join((*drawn, *words)) + "\n")
        stderr.flush()
        # What is too long for the terminal takes several of its lines.
        self._shown = len(drawn) + sum(-(-width(each) // columns) for each in words)
