"""Values that do not show what gives access."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

__all__ = ["Veiled"]


class Veiled(msgspec.Struct, frozen=True):
    """A struct that leaves the fields named in `VEILED` out wherever it is printed: a log, a traceback with values."""

    VEILED: ClassVar[frozenset[str]] = frozenset()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Give the fields that may be seen, for tracebacks in colours."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.VEILED]

    def __repr__(self) -> str:
        """Write it as if it had no other fields than those that may be seen."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
