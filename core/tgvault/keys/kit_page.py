"""The recovery kit as a page to print, with a QR code; it needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tgvault.keys.kit import TITLE, Kit, facts
from tgvault.keys.kit_guide import WARNING, Section, guide

__all__ = ["kit_page"]

_STYLE = """
@page { size: A4; margin: 11mm }
body { font: 9.5pt/1.3 sans-serif; color: #000; background: #fff; max-width: 182mm; margin: auto }
h1 { font-size: 16pt; margin: 0 0 2mm } h2 { font-size: 11pt; margin: 3mm 0 1mm } p { margin: 0 0 0.5mm }
.warning { border: 0.6mm solid #000; padding: 1.5mm 3mm; margin-bottom: 2mm }
.key { display: flex; gap: 4mm; align-items: center; break-inside: avoid }
.key svg { flex: none; width: 46mm; height: 46mm }
.key code { font-size: 13pt; line-height: 1.6 }
table { border-collapse: collapse } th { text-align: left; padding-right: 4mm; vertical-align: top }
td, code, pre { font-family: monospace; overflow-wrap: anywhere }
pre { margin: 1mm 0 0; padding: 1.5mm; border: 0.2mm solid #888; white-space: pre-wrap; font-size: 8.5pt }
section { break-inside: avoid }
"""


def kit_page(kit: Kit, *, file: str) -> str:
    """Write out a kit as HTML; `file` names its text form. Secret.

    The QR code holds the key alone: what a scanner reads is a key file that age and tgvault take.
    """
    return "\n".join(_page(kit, file)) + "\n"


def _page(kit: Kit, file: str) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    # Whatever should ever get into the page, it may load nothing and tell nobody.
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f'<meta name="referrer" content="no-referrer">\n<title>{TITLE}</title>\n<style>{_STYLE}</style>\n</head>'
    yield f"<body>\n<h1>{TITLE}</h1>\n<div class=warning>"
    yield from (f"<p>{escape(line)}</p>" for line in WARNING)
    yield "</div>\n<table>"
    yield from (f"<tr><th>{escape(label)}:</th><td>{escape(value)}</td></tr>" for label, value in facts(kit))
    yield f"</table>\n<div class=key>\n{_code(kit.identity.text)}"
    yield f"<div><p>The key. Type it without the blanks.</p><code>{_grouped(kit.identity.text)}</code></div>\n</div>"
    yield f"<p>To use the kit from paper, put the key into a file <code>{escape(file)}</code>, typed or scanned."
    yield "With the lines of vault and fingerprint in it too, tgvault can check that the vault is yours.</p>"
    yield from map(_section, guide(kit, file=file))
    yield "</body>\n</html>"


def _section(section: Section) -> str:
    text = "".join(f"<p>{escape(line)}</p>" for line in section.text)
    lines = escape("\n".join(section.lines))
    return f"<section><h2>{escape(section.title)}</h2>{text}<pre>{lines}</pre></section>"


def _code(identity: str) -> str:
    # Imported here: only who makes a kit needs it. Level Q bears a quarter of the code being unreadable.
    import segno

    return segno.make(identity, error="q", micro=False).svg_inline(scale=4, omitsize=True)


def _grouped(identity: str) -> str:
    prefix, _, letters = identity.rpartition("1")
    groups = [letters[at : at + 4] for at in range(0, len(letters), 4)]
    return f"{prefix}1 " + " ".join(groups)
