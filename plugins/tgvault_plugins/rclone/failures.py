"""What rclone's errors mean to the engine. All that it has for them is a text, most often the store's own."""

from __future__ import annotations

import re

from tgvault.api import SinkError, SinkFullError, SinkPermissionError, SinkUnavailableError

__all__ = ["as_sink_error"]

_FULL = re.compile(
    r"no space left|not enough (?:free )?(?:space|storage)|insufficient[_ ](?:storage|space)|storage ?quota|over quota"
    r"|quota ?(?:has been )?(?:reached|exceeded)|quotalimitreached|disk (?:is )?full|file too large"
)

#: Stores call it a quota, too, when they are asked too often.
_TOO_OFTEN = re.compile(r"rate ?limit|queries|requests per|too many requests|slow ?down")

_DENIED = re.compile(
    r"permission ?denied|access ?denied|access ?forbidden|forbidden|unauthorized|not permitted|read-only|read only"
    r"|invalid_grant|invalid_client|insufficient ?permissions|expired|invalid ?access ?key|signature ?does ?not ?match"
    r"|unable to authenticate|authentication failed|login failed|logon failure|\b40[13]\b"
)

_UNKNOWN = re.compile(r"didn't find section in config|didn't find backend")
_LOCKED = re.compile(r"unable to decrypt|not allowed to ask for password|decrypt config|wrong password")


def as_sink_error(text: str, subject: str, remote: str) -> SinkError:
    """Choose the sink error; whatever is none of these may be over in a moment."""
    reason = " ".join(text.split()).lower()[:300]
    if _UNKNOWN.search(reason):
        return SinkPermissionError(
            f"rclone has no remote `{remote}`",
            hint="`rclone listremotes` lists those it has; `rclone config` makes one",
        )
    if _LOCKED.search(reason):
        return SinkPermissionError(
            "rclone's configuration is locked by a password",
            hint="`tgvault sink login NAME` asks for it and keeps it in the keyring",
        )
    if "is a file not a directory" in reason:
        # rclone takes it for one, too, if an S3 store does not let it look.
        return SinkPermissionError(
            f"`{remote}` does not take the login, or there is a file in the place of the folder",
            hint=f"try `rclone lsd {remote}:`, and correct the remote with `rclone config`",
        )
    if _FULL.search(reason) and not _TOO_OFTEN.search(reason):
        return SinkFullError(
            f"no room in `{remote}` for `{subject}`: {reason}", hint="free some space there, then run again"
        )
    if _DENIED.search(reason):
        return SinkPermissionError(
            f"`{remote}` does not allow it for `{subject}`: {reason}",
            hint=f"try `rclone lsd {remote}:`; `rclone config reconnect {remote}:` logs in again",
        )
    return SinkUnavailableError(
        f"rclone failed at `{subject}`: {reason}", hint=f"try `rclone lsd {remote}:`; then run again"
    )
