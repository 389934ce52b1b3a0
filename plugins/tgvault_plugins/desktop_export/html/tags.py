"""Making a tree of a piece of HTML: never failing, in linear time, and without recursion.

Why not lxml: on these pages libxml2 needs longer to parse than this needs to parse and to walk (13 ms against 10 ms for
1,000 messages; libxml2 2.14, CPython 3.11), tells no byte offsets, loses all text below a nesting of a few hundred
elements, and is one more parser in C that hostile files reach. What is read here is what one program writes, plus
damage; each message is read alone, so damage to one cannot change another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5

__all__ = [
    "MAX_TAGS",
    "Element",
    "attribute",
    "elements",
    "everything",
    "first",
    "own_line",
    "parse",
    "unescape",
    "visible_text",
]

#: Tags in one piece. A message of the longest text with the most entities that Telegram allows has a few hundred; a
#: tag takes about 300 bytes while the tree stands.
MAX_TAGS = 20_000

#: Elements inside each other; deeper ones are laid flat, so that an end tag never looks through more.
MAX_DEPTH = 128

# A tag and the text behind it. Every quantifier is possessive and every open end may be the end of the piece (`\Z`), so
# that whatever stands there is consumed once: nothing is tried twice, whatever was written. What may fail half-way is
# in an atomic group instead: before CPython 3.11.5 a possessive repeat of it would go on from there.
_TOKEN = re.compile(
    r"""<(?:(/?)([a-zA-Z][^\s/>"'=]*+)(?>(?:\s++class="([^"]*+)")?)"""
    r"""((?:[^>"']++|"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z)"""
    r"""|(!--(?s:.)*?(?:-->|\Z)|[!?/][^>]*+(?:>|\Z)))?+([^<]*+)"""
)
# The value may be missing, so that a long name without one is consumed, not tried again from its second letter on.
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]++)(?>(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s"'>]++)))?)""")
_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}))|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


class Element:
    """A tag with what is inside it: text as it stands in the page (see `unescape`), and elements."""

    __slots__ = ("attributes", "children", "classes", "tag")

    def __init__(self, tag: str, classes: str, attributes: str) -> None:
        self.tag = tag
        self.classes = classes
        self.attributes = attributes
        self.children: list[Element | str] = []


def parse(piece: str) -> Element:
    """Make a tree of a piece of HTML with at most `MAX_TAGS` tags; the element returned stands for the piece.

    An end tag closes the nearest open element of its name and all within; one that closes nothing is left out.
    """
    top = root = Element("", "", "")
    stack = [root]
    start = piece.find("<")
    if start and piece:
        root.children.append(piece if start < 0 else piece[:start])
    # Written out in one loop: a call for each tag would take as long as all the rest.
    for slash, name, classes, attributes, comment, text in _TOKEN.findall(piece):
        if slash:
            if top.tag == name:
                stack.pop()
            else:
                _close(stack, name.lower())
            top = stack[-1]
        elif name:
            element = Element(name.lower(), classes or _classes(attributes), attributes)
            top.children.append(element)
            if element.tag not in _VOID and len(stack) <= MAX_DEPTH:
                stack.append(element)
                top = element
        if text or not (name or comment):
            top.children.append(text if name or comment else "<" + text)  # a lone `<` is text
    return root


def _classes(attributes: str) -> str:
    return (attribute(attributes, "class") or "") if "class" in attributes else ""


def _close(stack: list[Element], name: str) -> None:
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth].tag == name:
            del stack[depth:]
            return


def attribute(attributes: str, name: str) -> str | None:
    """Tell the value of an attribute; None where there is none of that name.

    A line feed in one is written as `<br>`, as in text; a real `<` never stands there.
    """
    for key, double, single, bare in _ATTRIBUTE.findall(attributes):
        if key == name:
            return unescape((double or single or bare).replace("<br>", "\n"))
    return None


def elements(element: Element) -> Iterator[Element]:
    """Yield the elements directly inside."""
    for child in element.children:
        if isinstance(child, Element):
            yield child


def everything(root: Element) -> Iterator[Element]:
    """Yield the elements inside, at any depth, in the order in which they begin."""
    waiting = [*reversed([*elements(root)])]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(reversed([*elements(element)]))


def first(root: Element, name: str) -> Element | None:
    """Find the first element inside, at any depth, that has the class."""
    return next((element for element in everything(root) if name in element.classes.split()), None)


def unescape(text: str) -> str:
    """Put characters in the place of character references.

    Numbers mean what they say, also below 32: Telegram Desktop writes control characters so, and HTML's own rules
    would drop or exchange them.
    """
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return html5.get(name + ";", found.group())
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def visible_text(element: Element) -> str:
    """Tell the text inside, at any depth, with line breaks as line feeds."""
    found: list[str] = []
    waiting: list[Element | str] = [*reversed(element.children)]
    while waiting:
        child = waiting.pop()
        if isinstance(child, str):
            found.append(child)
        elif child.tag == "br":
            found.append("\n")
        else:
            waiting.extend(reversed(child.children))
    return unescape("".join(found))


def own_line(element: Element) -> str:
    """Tell the text inside without the line feeds and the indent that Telegram Desktop puts around it."""
    text = visible_text(element).removeprefix("\n")
    end = text.rfind("\n")
    return text if end < 0 or text[end:].strip(" \t\n") else text[:end]
