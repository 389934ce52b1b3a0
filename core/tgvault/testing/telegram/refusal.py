"""RPC errors, by their names."""

from __future__ import annotations

import re

__all__ = ["Refusal", "code_of"]

#: Codes of errors that are not 400, by what the name begins with: https://core.telegram.org/api/errors .
_CODES = (
    (r"(FILE|PHONE|NETWORK|USER|STATS)_MIGRATE_", 303),
    (r"(AUTH_KEY_|SESSION_|USER_DEACTIVATED)", 401),
    (r"SESSION_PASSWORD_NEEDED", 401),
    (r"(CHAT_FORBIDDEN|TAKEOUT_REQUIRED|USER_PRIVACY_RESTRICTED|CHAT_WRITE_FORBIDDEN)", 403),
    (r"AUTH_KEY_DUPLICATED", 406),
    (r"(FLOOD|SLOWMODE|TAKEOUT_INIT_DELAY|2FA_CONFIRM_WAIT)", 420),
    (r"(TIMEOUT|TIMED_OUT|RPC_CALL_FAIL|RPC_MCGET_FAIL|INTERDC_\d_CALL_)", 500),
)


class Refusal(Exception):  # noqa: N818 (it is an answer, raised inside the server and never out of it)
    """An answer that is an error, such as `FLOOD_WAIT_5`; the code follows from the name."""

    def __init__(self, name: str, *, code: int | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.code = code_of(name) if code is None else code


def code_of(name: str) -> int:
    """Tell the code that comes with an error's name."""
    return max((code for pattern, code in _CODES if re.match(pattern, name)), default=400)
