"""Wheels made by hand: such as no build tool makes, too."""

from __future__ import annotations

import csv
import io
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

__all__ = ["MANIFEST", "Draft"]

MANIFEST = """
api = ">=1.0,<2"
summary = "Keeps a vault in letters."
sinks = ["letters"]

[[network]]
host = "post.example.org"
why = "to send the letters"

[[files]]
path = "{path}"
write = true
why = "the letters that are not sent yet"

[[secrets]]
name = "stamp"
why = "to pay for the letters"
"""

_CODE = b"def tgvault_sinks(): return {}\n"


@dataclass(frozen=True)
class Draft:
    """A wheel to be: `files` lie in it besides what every wheel has; None in place of one's content leaves it out."""

    name: str = "tgvault-letters"
    version: str = "1.2"
    entry_points: str = "[tgvault.plugins]\nletters = tgvault_letters\n"
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    requires: Sequence[str] = ()

    def with_files(self, files: Mapping[str, bytes | None]) -> Draft:
        """Add files, or change them."""
        return replace(self, files={**self.files, **files})

    @property
    def info(self) -> str:
        """The name of its `.dist-info` folder."""
        return f"{self.name.replace('-', '_')}-{self.version}.dist-info"

    def content(self) -> dict[str, bytes]:
        """The files of the wheel, `RECORD` last."""
        metadata = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n"
        metadata += "".join(f"Requires-Dist: {each}\n" for each in self.requires)
        package = self.name.replace("-", "_")
        files: dict[str, bytes | None] = {
            f"{package}/__init__.py": _CODE,
            f"{package}/plugin.toml": MANIFEST.encode(),
            f"{self.info}/METADATA": metadata.encode(),
            f"{self.info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{self.info}/entry_points.txt": self.entry_points.encode(),
            **self.files,
        }
        whole = {name: data for name, data in files.items() if data is not None}
        return {f"{self.info}/RECORD": self._record(whole), **whole} if self.record not in whole else whole

    @property
    def record(self) -> str:
        """The name of its list of files."""
        return f"{self.info}/RECORD"

    def write(self, folder: Path) -> Path:
        """Write it into the folder."""
        file = folder / f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as packed:
            for name, data in self.content().items():
                packed.writestr(name, data)
        return file

    def _record(self, files: Mapping[str, bytes]) -> bytes:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        for name, data in files.items():
            digest = urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
            rows.writerow((name, f"sha256={digest}", len(data)))
        rows.writerow((self.record, "", ""))
        return text.getvalue().encode()
