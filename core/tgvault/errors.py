"""
Everything tgvault raises on purpose.

* TgVaultError                 1
  x UsageError                 2
    + ConfigError             20
    + NotFoundError           21   no such snapshot, chat or message
    + AmbiguousNameError      22   several snapshots or chats answer to the name
    + StateError              23   the local state cannot be used
  x (no error)                 3   done, with losses listed; see `tgvault.model.findings`
  x PluginError                4
    + PluginMissingError      40
    + PluginLoadError         41
    + PluginRefusedError      42   not what a plugin may be
  x AccessError                5
    + NoIdentityError         50   no key was given or found
    + WrongKeyError           51   the key opens no slot
    + KeyringLockedError      52
    + KeyringUnavailableError 53
    + InsecureKeyringError    54   the keyring would keep the key readable
    + LastSlotError           55
    + BadKeyError             56   not a key, or one of a kind that cannot be used here
  x VaultError                 6
    + VaultExistsError        60
    + NotAVaultError          61
    + UnsupportedFormatError  62
    + MissingObjectError      63
    + TruncatedObjectError    64
    + CorruptObjectError      65   the bytes changed
    + SwappedObjectError      66   the bytes of another object
    + ForgedObjectError       67   well-formed, but not written by a holder of the vault's keys
    + MissingBlobError        68   no index lists it
    + HiddenSnapshotError     69   a snapshot that another one builds on is gone
    + RolledBackError         70   the store shows an older state than it did
    + VaultBusyError          71
    + ShrunkenSnapshotError   72   the newest snapshot holds much less than one before it
  x (no error)                 7   something is due; see `tgvault status --check`
  x SourceError                8
    + UnrecognisedExportError 80
    + AccountMismatchError    81
    + UnreadableExportError   82
    + SourceChangedError      83   the source changed while it was read
    + SourceUnavailableError  84   the service cannot be reached
    + SourceDelayedError      85   the service asks to come again later
    + NotSignedInError        86   there is no session, or it was ended
    + SourceRefusedError      87   the service does not allow it
    + SecretError             88   a source's secret cannot be read
  x RestoreError               9
    + TargetNotEmptyError     90
    + HostilePathError        91   a name that leaves its folder
  x SinkError                 10
    + SinkUnavailableError   100
      - SinkWaitingError     103   the disk is not plugged in
      - SinkGoneError        105   the store answers, and has no such place any more
    + SinkFullError          101
    + SinkPermissionError    102
    + CredentialError        104   the store wants to know who comes, and nothing says it
  x OutputError               11   what was to be printed could not be
    + OutputClosedError      141   the reader went away; as shells report SIGPIPE
  x MachineError              12   the operating system refuses: a full disk, a file that may not be used
  x (stopped)                130   by Ctrl-C or a signal; as shells report SIGINT

Each class has its exit code. A message is lower case, names the object in backticks and has no final period; a hint
says the way out.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AccessError",
    "AccountMismatchError",
    "AmbiguousNameError",
    "BadKeyError",
    "ConfigError",
    "CorruptObjectError",
    "CredentialError",
    "ForgedObjectError",
    "HiddenSnapshotError",
    "HostilePathError",
    "InsecureKeyringError",
    "KeyringLockedError",
    "KeyringUnavailableError",
    "LastSlotError",
    "MachineError",
    "MissingBlobError",
    "MissingObjectError",
    "NoIdentityError",
    "NotAVaultError",
    "NotFoundError",
    "NotSignedInError",
    "OutputClosedError",
    "OutputError",
    "PluginError",
    "PluginLoadError",
    "PluginMissingError",
    "PluginRefusedError",
    "RestoreError",
    "RolledBackError",
    "SecretError",
    "ShrunkenSnapshotError",
    "SinkError",
    "SinkFullError",
    "SinkGoneError",
    "SinkPermissionError",
    "SinkUnavailableError",
    "SinkWaitingError",
    "SourceChangedError",
    "SourceDelayedError",
    "SourceError",
    "SourceRefusedError",
    "SourceUnavailableError",
    "StateError",
    "SwappedObjectError",
    "TargetNotEmptyError",
    "TgVaultError",
    "TruncatedObjectError",
    "UnreadableExportError",
    "UnrecognisedExportError",
    "UnsupportedFormatError",
    "UsageError",
    "VaultBusyError",
    "VaultError",
    "VaultExistsError",
    "WrongKeyError",
]

#: Exit code of a run that finished and has losses to list.
EXIT_WITH_LOSSES = 3
#: Exit code of `tgvault status --check` where something is due.
EXIT_DUE = 7
#: Exit code of a run that Ctrl-C or another signal ended: 128 and the number of SIGINT, as shells report it.
EXIT_STOPPED = 130


class TgVaultError(Exception):
    """Something that tgvault foresaw; its text is for a person, its hint is the way out."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; the default would lose the hint.
        return (_rebuild, (type(self), str(self), self.hint))


def _rebuild(kind: type[TgVaultError], message: str, hint: str | None) -> TgVaultError:
    return kind(message, hint=hint)


class UsageError(TgVaultError):
    """The command or its options make no sense together."""

    exit_code = 2


class ConfigError(UsageError):
    """`vault.toml` has a mistake; the message names file, line and key."""

    exit_code = 20


class NotFoundError(UsageError):
    """No snapshot, chat or message answers to the name."""

    exit_code = 21


class AmbiguousNameError(UsageError):
    """Several snapshots or chats answer to the name."""

    exit_code = 22


class StateError(UsageError):
    """The local state cannot be used: its disk is full or fails, or it is damaged."""

    exit_code = 23


class PluginError(TgVaultError):
    """A plugin did not do what its contract says."""

    exit_code = 4


class PluginMissingError(PluginError):
    """The configuration names a plugin that is not installed."""

    exit_code = 40


class PluginLoadError(PluginError):
    """A plugin is installed and cannot be imported."""

    exit_code = 41


class PluginRefusedError(PluginError):
    """A plugin is not what one may be, or does not say what it needs; nothing of it was run."""

    exit_code = 42


class AccessError(TgVaultError):
    """The vault could not be unlocked."""

    exit_code = 5


class NoIdentityError(AccessError):
    """No key was given and none was found."""

    exit_code = 50


class WrongKeyError(AccessError):
    """The key opens none of the vault's slots."""

    exit_code = 51


class KeyringLockedError(AccessError):
    """The OS keyring is locked."""

    exit_code = 52


class KeyringUnavailableError(AccessError):
    """There is no OS keyring, or it does not answer."""

    exit_code = 53


class InsecureKeyringError(AccessError):
    """The configured keyring back end would keep the key readable, or not at all."""

    exit_code = 54


class LastSlotError(AccessError):
    """Removing the slot would lock everybody out for ever."""

    exit_code = 55


class BadKeyError(AccessError):
    """The text is not a key, or a key of a kind that cannot be used here."""

    exit_code = 56


class VaultError(TgVaultError):
    """The vault is not as it should be."""

    exit_code = 6


class VaultExistsError(VaultError):
    """There is a vault at that place already."""

    exit_code = 60


class NotAVaultError(VaultError):
    """There is no vault at that place."""

    exit_code = 61


class UnsupportedFormatError(VaultError):
    """The vault was made by a newer tgvault."""

    exit_code = 62


class MissingObjectError(VaultError):
    """The sink has no object of that name."""

    exit_code = 63


class TruncatedObjectError(VaultError):
    """The object is shorter than it was when it was written."""

    exit_code = 64


class CorruptObjectError(VaultError):
    """The object's bytes are not those that were written."""

    exit_code = 65


class SwappedObjectError(VaultError):
    """The object holds the bytes of another object."""

    exit_code = 66


class ForgedObjectError(VaultError):
    """The object is well-formed, but nobody who holds the vault's keys wrote it."""

    exit_code = 67


class MissingBlobError(VaultError):
    """A snapshot needs a blob that no index lists."""

    exit_code = 68


class HiddenSnapshotError(VaultError):
    """A snapshot that another one builds on is not there."""

    exit_code = 69


class RolledBackError(VaultError):
    """The store shows an older state than this machine has already seen."""

    exit_code = 70


class VaultBusyError(VaultError):
    """Another run on this machine is writing to the vault."""

    exit_code = 71


class ShrunkenSnapshotError(VaultError):
    """The newest snapshot holds much less than one before it, or its run lost more: it must not push out good ones."""

    exit_code = 72


class SourceError(TgVaultError):
    """A source could not be read."""

    exit_code = 8


class UnrecognisedExportError(SourceError):
    """The path holds no export that any source knows."""

    exit_code = 80


class AccountMismatchError(SourceError):
    """The export belongs to another account than the archive."""

    exit_code = 81


class UnreadableExportError(SourceError):
    """The export is recognised, but nothing in it can be read."""

    exit_code = 82


class SourceChangedError(SourceError):
    """The source changed while it was being read."""

    exit_code = 83


class SourceUnavailableError(SourceError):
    """The service that the source reads cannot be reached."""

    exit_code = 84


class SourceDelayedError(SourceError):
    """The service asks to come again later; the message says when."""

    exit_code = 85


class NotSignedInError(SourceError):
    """There is no session for the source, or it was ended from outside."""

    exit_code = 86


class SourceRefusedError(SourceError):
    """The service does not allow what was asked for."""

    exit_code = 87


class SecretError(SourceError):
    """A secret of the source is there and cannot be read."""

    exit_code = 88


class RestoreError(TgVaultError):
    """A restore could not be carried out."""

    exit_code = 9


class TargetNotEmptyError(RestoreError):
    """The folder to restore into holds files already."""

    exit_code = 90


class HostilePathError(RestoreError):
    """A name in the archive would leave the folder to restore into."""

    exit_code = 91


class SinkError(TgVaultError):
    """A sink refused or failed."""

    exit_code = 10


class SinkUnavailableError(SinkError):
    """The sink cannot be reached."""

    exit_code = 100


class SinkWaitingError(SinkUnavailableError):
    """The sink is a disk that is not plugged in; nothing is wrong with it."""

    exit_code = 103


class SinkGoneError(SinkUnavailableError):
    """The store answers and has no such place: the bucket or the folder was never made, or somebody removed it."""

    exit_code = 105


class SinkFullError(SinkError):
    """The sink has no room left."""

    exit_code = 101


class SinkPermissionError(SinkError):
    """The sink does not allow the operation."""

    exit_code = 102


class CredentialError(SinkError):
    """A store wants to know who comes, and nothing says it, or what says it cannot be used."""

    exit_code = 104


class OutputError(TgVaultError):
    """What was to be printed could not be; what the command did is done."""

    exit_code = 11


class OutputClosedError(OutputError):
    """The reader of the output went away; nothing is said of it."""

    exit_code = 141


class MachineError(TgVaultError):
    """The operating system refuses: a disk is full or broken, a file may not be used, or too many are open."""

    exit_code = 12
