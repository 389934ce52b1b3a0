"""What a plugin author tests with: sinks to test against, in `tgvault.testing.contracts` the contracts as tests, and in
`tgvault.testing.telegram` a Telegram on the loopback interface.

Nothing here needs pytest except `tgvault.testing.contracts` and `tgvault.testing.telegram.fixtures`.
"""

from tgvault.testing.damage import flip_byte, names, swap, truncate
from tgvault.testing.faulty import Fault, FaultKind, FaultySink
from tgvault.testing.journal import JournalConfig, JournalSink
from tgvault.testing.memory import MemorySink, NoConfig
from tgvault.testing.recording import CrashState, Operation, RecordingSink, crash_states

__all__ = [
    "CrashState",
    "Fault",
    "FaultKind",
    "FaultySink",
    "JournalConfig",
    "JournalSink",
    "MemorySink",
    "NoConfig",
    "Operation",
    "RecordingSink",
    "crash_states",
    "flip_byte",
    "names",
    "swap",
    "truncate",
]
