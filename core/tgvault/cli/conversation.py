"""Talking with the person at the terminal while somebody logs in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping

from tgvault.cli.asking import TRIES, ask, can_ask, hidden_answer, read_answer
from tgvault.cli.invocation import Invocation
from tgvault.cli.qr import draw_qr
from tgvault.cli.safe import safe_line, width
from tgvault.errors import UsageError

__all__ = ["Talk", "has_screen"]

_HINT = "run the command in a terminal, or give each answer as a line of standard input"
_NARROW = "The terminal is too narrow for the QR code: make it wider, or open this link with Telegram."


class Talk:
    """A `Conversation` at the terminal. Where there is nobody to be asked, answers are lines of standard input."""

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
        asked = safe_line(question)
        if can_ask(self._invocation):
            return self._answer(asked, lambda: ask(self._invocation, asked))
        return self._answer(asked, lambda: read_answer(self._invocation).strip())

    def ask_secret(self, question: str) -> str:
        """Ask for something that may not be seen; see `Conversation.ask`."""
        asked = safe_line(question)
        return self._answer(asked, lambda: hidden_answer(self._invocation, asked))

    def _answer(self, asked: str, question: Callable[[], str]) -> str:
        self._shown = 0
        for _ in range(TRIES):
            if answer := question():
                return answer
            if not can_ask(self._invocation):
                raise UsageError(f"standard input has no answer to this: {asked}", hint=_HINT)
            self.tell("Nothing was given.")
        raise UsageError(f"nothing was given, {TRIES} times: {asked}", hint="run the command again")

    def browse(self, address: str) -> None:
        """Show the address of a web page, and open it where somebody sits at a screen."""
        self.tell(address)
        if can_ask(self._invocation) and has_screen(self._invocation.environment, sys.platform):
            # Imported here: it takes 15 ms, and is needed by nobody else.
            import webbrowser

            webbrowser.open(address)

    def show_code(self, text: str) -> None:
        """Show a QR code and the text in it, in place of the one shown before."""
        stderr = self._invocation.stderr
        if not stderr.isatty():
            raise UsageError("there is no terminal to show a QR code on", hint="run the command in a terminal")
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


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Tell whether a browser would open on a screen: without one, a browser for terminals may take this one."""
    return platform in {"darwin", "win32"} or any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
