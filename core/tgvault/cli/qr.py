"""Drawing a QR code on a terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass

from tgvault.errors import UsageError

__all__ = ["Drawing", "draw_qr"]

#: Bright white on black, whatever colours the terminal has: scanners want the light parts lighter than the dark ones.
_COLOURS = "\x1b[97;40m"
_PLAIN = "\x1b[0m"

#: Modules around the code; the standard asks for four, phones need no more than two.
_BORDER = 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines to be written to a terminal as they are, and how many columns each takes."""

    lines: tuple[str, ...]
    columns: int


def draw_qr(text: str, *, blocks: bool) -> Drawing:
    """Draw a text as a QR code.

    With `blocks`, for which the terminal has to know block characters, it takes a quarter of the room.

    Raises:
        UsageError: no QR code has room for so long a text.
    """
    # Takes 15 ms to import and is needed by one command.
    import segno

    try:
        code = segno.make_qr(text, error="l", boost_error=False)
    except segno.DataOverflowError:
        raise UsageError("the code is too long to be shown", hint="log in another way: `--by`") from None
    drawn = io.StringIO()
    code.terminal(out=drawn, border=_BORDER, compact=blocks)
    lines = drawn.getvalue().splitlines()
    side = code.symbol_size(border=_BORDER)[0]
    if not blocks:
        return Drawing(tuple(lines), 2 * int(side))
    return Drawing(tuple(f"{_COLOURS}{line}{_PLAIN}" for line in lines), int(side))
