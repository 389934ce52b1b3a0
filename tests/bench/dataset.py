"""Finding or making the data set, and choosing the file that is restored alone."""

from __future__ import annotations

import json
import mmap
import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path

import gen

__all__ = ["DataSet", "Target", "ready", "size_of", "warm"]

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Target:
    """The one file to restore: where it lies in the export, and the chat and message that show it."""

    path: str
    chat: str
    message: int


@dataclass(frozen=True, slots=True)
class DataSet:
    """Two versions of an export and what is known of them."""

    root: Path
    scale: float
    manifest: gen.Manifest
    target: Target

    @property
    def v1(self) -> Path:
        """The first export."""
        return self.root / "v1"

    @property
    def v2(self) -> Path:
        """The next export."""
        return self.root / "v2"


def ready(root: Path, *, scale: float) -> DataSet:
    """The data set in root, made there if there is none.

    Raises:
        SystemExit: root holds something else, or a data set of another scale.
    """
    if not (root / "manifest.json").exists():
        _make(root, scale)
    manifest = _manifest(root)
    if not _fits(root, manifest, scale):
        raise SystemExit(f"`{root}` holds another data set than --scale {scale} asks for; name another folder")
    return DataSet(root, scale, manifest, _target(root / "v2" / "result.json"))


def _make(root: Path, scale: float) -> None:
    if root.exists() and any(root.iterdir()):
        raise SystemExit(f"`{root}` is not empty and has no manifest; name another folder")
    root.mkdir(parents=True, exist_ok=True)
    wanted, free = int(1.9e9 * scale), shutil.disk_usage(root).free
    if free < wanted:
        raise SystemExit(f"the data set needs {wanted / 1e9:.1f} GB in `{root}`; {free / 1e9:.1f} GB are free")
    gen.generate(root, scale=scale)


def _manifest(root: Path) -> gen.Manifest:
    read = json.loads((root / "manifest.json").read_text())
    return gen.Manifest(**{each.name: read[each.name] for each in fields(gen.Manifest)})


def _fits(root: Path, manifest: gen.Manifest, scale: float) -> bool:
    """Whether it is whole and of this scale. The seed leaves no trace, and matters to no check."""
    sizes = [(root / version / "result.json").stat().st_size for version in ("v1", "v2")]
    files = sum(len(names) for _, _, names in os.walk(root / "v1" / "chats"))
    return manifest.media_files_v1 == files == int(3000 * scale) and sizes == [
        manifest.json_bytes_v1,
        manifest.json_bytes_v2,
    ]


def _target(export: Path) -> Target:
    """A photo in the middle of the first chat, which is the largest one."""
    with export.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        start = text.find(b'"messages": [')
        at = text.find(b'"photo": "', start + (text.find(b'"messages": [', start + 1) - start) // 2)
        at = at if at > 0 else text.find(b'"photo": "')
        path = text[at + len(b'"photo": "') : text.find(b'"', at + len(b'"photo": "'))].decode()
        return Target(path, _text_after(text, b'\n    "name": "', at), int(_text_after(text, b'\n      "id": ', at)))


def _text_after(text: mmap.mmap, mark: bytes, before: int) -> str:
    """What stands behind the last mark before a place, up to the quote, comma or line's end."""
    start = text.rfind(mark, 0, before) + len(mark)
    return text[start : start + 100].decode(errors="replace").split("\n")[0].rstrip('",')


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder, as `ls` counts them."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def warm(folders: list[Path]) -> bool:
    """Read every file once, so that the page cache has it; false where that is more than half of the free memory."""
    if sum(map(size_of, folders)) > _available_memory() / 2:
        return False
    buffer = bytearray(BLOCK)
    for folder in folders:
        for path in filter(Path.is_file, folder.rglob("*")):
            with path.open("rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass
    return True


def _available_memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0
