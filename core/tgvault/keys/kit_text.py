"""The recovery kit as a text file that age itself takes for a key file."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault.keys.kit import TITLE, Kit, facts
from tgvault.keys.kit_guide import WARNING, guide

__all__ = ["kit_text"]


def kit_text(kit: Kit, *, file: str) -> str:
    """Write out a kit for a file of that name; secret.

    All lines but the key are comments, so that `age -d -i KIT.txt` works, and `tgvault --key-file KIT.txt`.
    """
    before = "".join(f"# {line}".rstrip() + "\n" for line in _before(kit))
    after = "".join(f"# {line}".rstrip() + "\n" for line in _after(kit, file))
    return f"{before}{kit.identity.text}\n{after}"


def _before(kit: Kit) -> Iterator[str]:
    yield TITLE
    yield ""
    yield from WARNING
    yield ""
    for label, value in facts(kit):
        yield f"{label + ':':<12} {value}"
    yield ""
    yield "The key:"


def _after(kit: Kit, file: str) -> Iterator[str]:
    for section in guide(kit, file=file):
        yield ""
        yield f"{section.title}:"
        yield from section.text
        yield ""
        yield from (f"    {line}" for line in section.lines)
