"""restic, as its manual says to use it: repository format 2, so with zstd, and its own encryption."""

from __future__ import annotations

from pathlib import Path

from rows import Row
from watch import Step

from peers.base import Place, printed

__all__ = ["Restic"]


class Restic:
    """restic with a local repository and a password file."""

    name = "restic"

    def __init__(self, executable: str) -> None:
        self._executable = executable

    def version(self) -> str:
        """What the head of the table says."""
        return " ".join(printed(self._executable, "version").split()[:2])

    def prepare(self, place: Place) -> None:
        """Make a repository. Format 1, the default of restic 0.14, would not compress."""
        (place.root / "password").write_text("a password for measuring")
        place.run(self._restic(place, "init", "--repository-version", "2"))

    def step(self, place: Place, row: Row) -> Step | None:
        """The command for a row."""
        match row:
            case Row.FIRST | Row.UNCHANGED:
                return self._backup(place, place.data.v1)
            case Row.NEXT:
                return self._backup(place, place.data.v2)
            case Row.RESTORE:
                return self._restic(place, "restore", "latest", "--target", place.restored)
            case Row.ONE:
                # As fast as `restore --include`, and without the folders around the file.
                path = place.data.target.path
                return self._restic(place, "dump", "latest", f"/{path}", output=place.single / "file")
            case Row.VERIFY:
                return self._restic(place, "check", "--read-data")
            case Row.HELP:
                return self._restic(place, "--help")
            case Row.LIST:
                return self._restic(place, "snapshots")

    def check(self, place: Place, row: Row) -> None:
        """Nothing beyond what the course compares."""

    def _backup(self, place: Place, export: Path) -> Step:
        # The link is the working folder, so both versions have the same paths and restic finds the parent itself.
        return self._restic(place, "backup", ".", folder=place.show(export))

    def _restic(
        self, place: Place, *arguments: str | Path, folder: Path | None = None, output: Path | None = None
    ) -> Step:
        return place.step(
            self._executable,
            *arguments,
            folder=folder,
            output=output,
            RESTIC_REPOSITORY=str(place.store),
            RESTIC_PASSWORD_FILE=str(place.root / "password"),
            RESTIC_CACHE_DIR=str(place.root / "cache"),
        )
