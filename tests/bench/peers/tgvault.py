"""tgvault with a local sink and a key file."""

from __future__ import annotations

import json
from pathlib import Path

from checks import WrongResultError
from rows import Row
from watch import Step

from peers.base import Place, printed

__all__ = ["TgVault"]


class TgVault:
    """The tool that this project makes."""

    name = "tgvault"

    def __init__(self, executable: str) -> None:
        self._executable = executable

    def version(self) -> str:
        """What the head of the table says."""
        return " ".join(printed(self._executable, "version").split()[:2])

    def prepare(self, place: Place) -> None:
        """Make a vault."""
        where = ("--sink", "local", "--path", str(place.store))
        keys = ("--key-file", str(place.root / "key"), "--kit", str(place.root / "kit.txt"))
        place.run(self._tgvault(place, "init", *where, *keys))

    def step(self, place: Place, row: Row) -> Step | None:
        """The command for a row. Each export is named by its own folder, as people have them."""
        target = place.data.target
        match row:
            case Row.FIRST | Row.UNCHANGED:
                return self._tgvault(place, "import", place.data.v1)
            case Row.NEXT:
                return self._tgvault(place, "import", place.data.v2)
            case Row.RESTORE:
                return self._tgvault(place, "restore", "latest", "--exact", "--to", place.restored)
            case Row.ONE:
                one = ("--chat", target.chat, "--message", str(target.message))
                return self._tgvault(place, "restore", "latest", *one, "--to", place.single)
            case Row.VERIFY:
                return self._tgvault(place, "verify", "--level", "data")
            case Row.HELP:
                return self._tgvault(place, "--help")
            case Row.LIST:
                return self._tgvault(place, "snapshots")

    def check(self, place: Place, row: Row) -> None:
        """After the next version: `diff` counts exactly the edits and deletions that were made.

        Raises:
            WrongResultError: it counts others.
        """
        if row is not Row.NEXT:
            return
        made = place.data.manifest
        wanted = {
            "new": made.messages_v2 - made.messages_v1 + len(made.deleted),
            "edited": len(made.edited),
            "gone": len(made.deleted),
        }
        told = json.loads(place.run(self._tgvault(place, "diff", "latest~1", "latest", "--json")))
        found = {name: told["numbers"][name] for name in wanted}
        if found != wanted:
            raise WrongResultError(f"`tgvault diff` counts {found}, the data set has {wanted}")

    def _tgvault(self, place: Place, *arguments: str | Path) -> Step:
        vault = place.root / "v.toml"
        return place.step(self._executable, "--vault", vault, *arguments, TGVAULT_STATE=str(place.root / "state"))
