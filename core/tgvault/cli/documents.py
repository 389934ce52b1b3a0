"""What each command prints with `--json`, in one place for the documentation and its test. Imports every verb."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tgvault.cli.account import AccountInfo
from tgvault.cli.backup import BackupRuns
from tgvault.cli.dry_run import DryRuns
from tgvault.cli.forget import Forgetting, TakenBack
from tgvault.cli.init import MadeVault
from tgvault.cli.key import SlotInfo, SlotList, VerifiedKit, WrittenKey
from tgvault.cli.logout import LoggedOut
from tgvault.cli.ls import ChatList
from tgvault.cli.plugin import PluginList
from tgvault.cli.plugin_show import PluginsShown
from tgvault.cli.show import MessageList
from tgvault.cli.sink_words import AddedSink, KeptCredential, RemovedSink, SinkList, TrialReports
from tgvault.cli.snapshots import SnapshotList
from tgvault.cli.sync import CopyRuns
from tgvault.cli.version import Versions
from tgvault.engine.diff import Diff
from tgvault.engine.doctor import Diagnosis
from tgvault.engine.history import MessageHistory
from tgvault.engine.report import BackupReport
from tgvault.engine.restoring import RestoreReport
from tgvault.engine.verifying import VerifyReport
from tgvault.retention.prune_report import PruneReport
from tgvault.standing.standing import Standing

__all__ = ["DOCUMENTS"]

#: By the words that name the command.
DOCUMENTS: Mapping[str, type[msgspec.Struct]] = {
    "init": MadeVault,
    "login": AccountInfo,
    "logout": LoggedOut,
    "whoami": AccountInfo,
    "backup": BackupRuns,
    "backup --dry-run": DryRuns,
    "import": BackupReport,
    "snapshots": SnapshotList,
    "ls": ChatList,
    "show": MessageList,
    "diff": Diff,
    "history": MessageHistory,
    "restore": RestoreReport,
    "sync": CopyRuns,
    "sink add": AddedSink,
    "sink login": KeptCredential,
    "sink list": SinkList,
    "sink test": TrialReports,
    "sink remove": RemovedSink,
    "verify": VerifyReport,
    "forget": Forgetting,
    "forget --undo": TakenBack,
    "prune": PruneReport,
    "status": Standing,
    "doctor": Diagnosis,
    "report": BackupReport,
    "key list": SlotList,
    "key add": SlotInfo,
    "key remove": SlotList,
    "key verify": VerifiedKit,
    "key export": WrittenKey,
    "plugin list": PluginList,
    "plugin show": PluginsShown,
    "version": Versions,
}
