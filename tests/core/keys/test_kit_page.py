from __future__ import annotations

from html.parser import HTMLParser

import pytest
import segno

from key_support import NOON
from tgvault.crypto.age import Identity
from tgvault.keys.kit import Kit
from tgvault.keys.kit_page import kit_page
from tgvault.keys.kit_text import kit_text

KEY = Identity.generate()
KIT = Kit(KEY, "0" * 32, "0123-4567-89AB-CDEF", "recovery", "folder /mnt", NOON, '[sink]\ntype = "local"')


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in ("meta", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "path":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_and_says_what_the_text_says() -> None:
    page = Page(kit_page(KIT, file="KIT.txt"))

    said = "".join("".join(page.texts).split())

    assert page.open == []
    for line in kit_text(KIT, file="KIT.txt").splitlines():
        assert "".join(line.removeprefix("#").removesuffix(":").split()) in said


def test_the_code_holds_the_key_and_nothing_else() -> None:
    expected = segno.make(KEY.text, error="q").svg_inline(scale=4, omitsize=True)

    assert kit_page(KIT, file="KIT.txt").count(expected) == 1


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = Page(kit_page(KIT, file="KIT.txt"))

    assert not {"src", "href", "srcset", "action"} & {name for name, _ in page.attributes}
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert "url(" not in kit_page(KIT, file="KIT.txt")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>', "&lt;"])
def test_names_stay_text(hostile: str) -> None:
    kit = Kit(KEY, KIT.vault_id, KIT.fingerprint, "recovery", hostile, NOON, hostile)

    page = Page(kit_page(kit, file=f"{hostile}.txt"))

    assert page.open == []
    assert "".join(page.texts).count(hostile) >= 3
    assert "src" not in {name for name, _ in page.attributes}
