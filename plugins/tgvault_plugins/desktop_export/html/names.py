"""Where a page's links lead, and how the paths in bodies are written."""

from __future__ import annotations

import posixpath
import re

from tgvault.api import HostilePathError
from tgvault_plugins.desktop_export.html.tags import Element, attribute, everything
from tgvault_plugins.desktop_export.paths import parts, shown

__all__ = ["folded", "is_address", "linked_message", "located"]

#: Stands for the chat's folder at the start of a path.
_CHAT = "{chat}"
_TARGET = re.compile(r"#go_to_message(-?\d{1,18})\Z", re.ASCII)
_UPWARDS = re.compile(r"\A(?:\.\.?/)+")
_ADDRESS = re.compile(r"(?i:https?)://")


def is_address(link: str) -> bool:
    """Whether a link leads to the web; Telegram Desktop decides by the same beginning."""
    return bool(_ADDRESS.match(link))


def located(link: str, *, folder: str) -> str:
    """Name the file in the export that a link on a page in `folder` leads to.

    Links are not percent-encoded: Telegram Desktop writes file names as they are.

    Raises:
        HostilePathError: it leads out of the export.
    """
    if is_address(link):
        raise HostilePathError(f"`{shown(link)}` leads to the web, where a file of the export is expected")
    parts(_UPWARDS.sub("", link))
    name = posixpath.normpath(folder + link)
    parts(name)
    return name


def folded(name: str, *, folder: str) -> str:
    """Write a file's name as it stands in a body: relative to the chat's folder where it lies in that."""
    if folder and name.startswith(folder):
        return f"{_CHAT}/{name.removeprefix(folder)}"
    return _CHAT + name if name.startswith(_CHAT) else name


def linked_message(element: Element) -> int | None:
    """Tell the id of the message that the first link inside leads to."""
    for each in everything(element):
        if each.tag == "a" and (found := _TARGET.search(attribute(each.attributes, "href") or "")):
            return int(found[1])
    return None
