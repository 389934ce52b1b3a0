"""Stamps, by which a file is known without being read."""

from __future__ import annotations

__all__ = ["LASTING_STAMP"]

#: How a stamp begins that names a content for ever, wherever it is met, such as an id that is never given to another
#: file. It is remembered as long as the state is; other stamps only as long as sources go on showing them.
LASTING_STAMP = b"id:"
