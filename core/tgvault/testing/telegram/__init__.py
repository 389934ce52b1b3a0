"""A Telegram for tests: real MTProto on loopback, an account that a test builds and changes, faults and a call log.

It needs Telethon, whose TL classes it is made of. Fixtures for pytest are in `tgvault.testing.telegram.fixtures`.
"""

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.demo import demo_account
from tgvault.testing.telegram.server import LoopbackServer

__all__ = ["Account", "LoopbackServer", "demo_account"]
