"""Make a vault for the collection of old ones: `python tests/old_vaults/make.py NAME` writes NAME.tar and more.

To be run once for each released format, with the program of that release; what it wrote is never changed again.
NAME.tar has the vault's objects, NAME.key opens it (it guards nothing but made-up data), and NAME.json says what an
exact restore of each snapshot has to give: the SHA-256 of every file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

__all__ = ["configuration", "hashes", "make"]


def make(folder: Path, name: str) -> None:
    """Write the three files into the folder."""
    with tempfile.TemporaryDirectory() as place:
        demo = Path(place) / "demo"
        _tgvault(Path(place), "demo", "--dir", "demo")
        listed = json.loads(_tgvault(demo, "snapshots", "--json"))["snapshots"]
        expected = {}
        for each in listed:
            out = demo / each["id"]
            _tgvault(demo, "restore", each["id"], "--exact", "--to", each["id"])
            expected[each["id"]] = hashes(out)
        with tarfile.open(folder / f"{name}.tar", "w") as tar:
            for path in sorted((demo / "vault").rglob("*")):
                tar.add(path, path.relative_to(demo).as_posix(), recursive=False, filter=_plain)
        shutil.copyfile(demo / "demo.key", folder / f"{name}.key")
        (folder / f"{name}.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def configuration(root: Path) -> str:
    """A `vault.toml` for a vault that was unpacked into a folder."""
    return (
        f'[sink]\ntype = "local"\npath = "{root / "vault"}"\n[state]\npath = "{root / "state"}"\n[workers]\njobs = 0\n'
    )


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    # Nothing of the machine and the person that made it.
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _tgvault(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tgvault", *arguments], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


if __name__ == "__main__":
    make(Path(__file__).parent, sys.argv[1])
