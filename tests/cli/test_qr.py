"""QR codes that can be scanned from a terminal."""

from __future__ import annotations

import pytest
import segno

from tgvault.cli.qr import draw_qr
from tgvault.errors import UsageError

LINK = "tg://login?token=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"


def modules() -> list[list[bool]]:
    """The code as it should look, dark modules as True."""
    code = segno.make_qr(LINK, error="l", boost_error=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=2)]


def test_two_rows_of_the_code_stand_in_a_line_light_on_dark_whatever_colours_the_terminal_has() -> None:
    drawing = draw_qr(LINK, blocks=True)

    rows: list[list[bool]] = []
    for line in drawing.lines:
        assert line.startswith("\x1b[97;40m")
        assert line.endswith("\x1b[0m")
        letters = line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m")
        assert len(letters) == drawing.columns
        rows += [[each in " ▄" for each in letters], [each in " ▀" for each in letters]]
    assert rows[: len(modules())] == modules()


def test_without_block_characters_a_line_is_a_row() -> None:
    drawing = draw_qr(LINK, blocks=False)

    assert len(drawing.lines) == len(modules())
    assert drawing.columns == 2 * len(modules())
    assert all(line.isascii() for line in drawing.lines)


@pytest.mark.parametrize("blocks", [True, False])
def test_it_fits_on_a_usual_terminal(blocks: bool) -> None:
    drawing = draw_qr(LINK, blocks=blocks)

    assert drawing.columns <= 80
    assert len(drawing.lines) <= (23 if blocks else 40)


def test_what_no_code_has_room_for_is_not_drawn() -> None:
    with pytest.raises(UsageError, match="too long") as caught:
        draw_qr("tg://login?token=" + "A" * 4000, blocks=True)

    assert "--by" in str(caught.value.hint)
