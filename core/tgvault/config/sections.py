"""The tables of `vault.toml` that tgvault itself reads. Each field's description is its documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.model.policy import Policy

__all__ = [
    "ARCHIVE_NAME",
    "ARCHIVE_WORDS",
    "CREDENTIAL_NAME",
    "CREDENTIAL_WORDS",
    "MEDIUM",
    "MEDIUM_WORDS",
    "SPAN",
    "SPAN_WORDS",
    "TAG_NAME",
    "TAG_WORDS",
    "CopySection",
    "KeySection",
    "PluginsSection",
    "RetentionSection",
    "SinkSection",
    "SourceSection",
    "StateSection",
    "TransformSection",
    "VaultSection",
    "VerifySection",
    "WorkersSection",
]

#: What an archive may be called.
ARCHIVE_NAME = r"^[^\x00-\x1f/\\]{1,64}$"
ARCHIVE_WORDS = "1 to 64 characters, `/` and `\\` not among them"

#: What a tag may look like: nothing that a shell, a table or a list with commas would misread.
TAG_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
TAG_WORDS = "1 to 32 letters a to z, digits, `.`, `_` and `-`, the first one a letter or a digit"

#: A span of time, as `tgvault.retention.duration` reads it.
SPAN = r"^(?=.*[1-9])([0-9]{1,4}y)?([0-9]{1,4}m)?([0-9]{1,4}w)?([0-9]{1,6}d)?([0-9]{1,6}h)?$"
SPAN_WORDS = "a span of time such as `30d`, `12h`, `2w` or `1y6m`"

GRACE = rf"^0$|{SPAN}"
SHARE = r"^(100|[0-9]{1,2})(\.[0-9]{1,3})?%$"

#: What a credential may be called in the keyring.
CREDENTIAL_NAME = r"^[^\x00-\x1f]{1,128}$"
CREDENTIAL_WORDS = "1 to 128 characters on one line"

MEDIUM = r"^[^\x00-\x1f]{1,32}$"
MEDIUM_WORDS = "1 to 32 characters on one line"


class VaultSection(msgspec.Struct, frozen=True, kw_only=True):
    """The vault: which one it is, and what it does with what it is given."""

    id: Annotated[
        Annotated[str, Meta(pattern="^[0-9a-f]{32}$", title="32 digits and letters a to f")] | None,
        Meta(description="The vault's id, 32 hexadecimal digits; `tgvault init` writes it. Another vault is refused."),
    ] = None
    fingerprint: Annotated[
        str | None,
        Meta(
            description="The vault's fingerprint; `tgvault init` writes it."
            " It shows when somebody has put another vault in this one's place."
        ),
    ] = None
    archive: Annotated[
        Annotated[str, Meta(pattern=ARCHIVE_NAME, title=ARCHIVE_WORDS)],
        Meta(
            description="The archive to back up into and to restore from where none is named. One archive, one account."
        ),
    ] = "main"
    policy: Annotated[
        Policy,
        Meta(
            description="What becomes of messages that are gone from Telegram:"
            " `keep` keeps them and marks them gone, `mirror` leaves them out of newer snapshots."
        ),
    ] = Policy.KEEP


class SinkSection(msgspec.Struct, frozen=True, kw_only=True):
    """Where the vault's objects are kept. The sink's own keys stand beside `type`."""

    type: Annotated[
        str, Meta(description="Which sink: `local` is a folder. `tgvault plugin list` shows what there is.")
    ]
    credential: Annotated[
        Annotated[str, Meta(pattern=CREDENTIAL_NAME, title=CREDENTIAL_WORDS)] | None,
        Meta(
            description="The name under which the OS keyring has what the store wants to know of who comes, never that"
            " itself. It is the vault's id and the sink's name where nothing is given; several sinks may name one."
        ),
    ] = None
    credential_command: Annotated[
        str | None,
        Meta(
            description="A command that prints the credential in place of the keyring, a line `field=value` for each"
            " field. No shell reads it. It is refused in a file that nobody named and that only lies in the current"
            " folder."
        ),
    ] = None
    offsite: Annotated[
        bool | None,
        Meta(
            description="Whether the store is in another place than this machine, so that a fire here leaves it whole."
            " The sink knows it where nothing is given."
        ),
    ] = None
    medium: Annotated[
        Annotated[str, Meta(pattern=MEDIUM, title=MEDIUM_WORDS)] | None,
        Meta(
            description="What the objects lie on, such as `disk` or `tape`: what befalls one medium may befall all of"
            " its kind. The sink knows it where nothing is given."
        ),
    ] = None


class CopySection(SinkSection, frozen=True, kw_only=True):
    """Where a copy of the vault is kept; `tgvault sync` brings it up to date, and so does each backup.

    The keys of its sink stand beside `type`, as in `[sink]`.
    """

    every: Annotated[
        Annotated[str, Meta(pattern=SPAN, title=SPAN_WORDS)],
        Meta(description="How long it may lack a snapshot before `tgvault status` says that a sync is due."),
    ] = "7d"


class KeySection(msgspec.Struct, frozen=True, kw_only=True):
    """Where this machine's key is. At most one of these; without any, the key is in the OS keyring."""

    file: Annotated[Path | None, Meta(description="A file that holds the identity; nobody else may read it.")] = None
    command: Annotated[
        str | None,
        Meta(
            description="A command that prints the identity, such as `pass show tgvault`. No shell reads it."
            " It is refused in a file that nobody named and that only lies in the current folder."
        ),
    ] = None
    keyring: Annotated[
        bool | None,
        Meta(description="Whether to look in the OS keyring. It is true where neither `file` nor `command` is given."),
    ] = None


class VerifySection(msgspec.Struct, frozen=True, kw_only=True):
    """How often all data is to be verified; `tgvault status` says when that is due. Nothing is started by itself."""

    every: Annotated[
        Annotated[str, Meta(pattern=SPAN, title=SPAN_WORDS)],
        Meta(description="The longest time that any data may go without being read whole by `tgvault verify`."),
    ] = "30d"
    copies: Annotated[
        bool,
        Meta(description="Whether that holds for the copies, too, each by `tgvault verify --sink NAME`."),
    ] = False


class StateSection(msgspec.Struct, frozen=True, kw_only=True):
    """Where this machine keeps what it knows of the vault: an encrypted cache that may be deleted."""

    path: Annotated[
        Path | None,
        Meta(description="The folder. It is `tgvault/<vault id>` in the user's state folder where nothing is given."),
    ] = None


class WorkersSection(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the machine a run may take."""

    jobs: Annotated[
        Annotated[int, Meta(ge=0, le=256)] | None,
        Meta(description="Worker processes; as many as there are cores where nothing is given. 0 works without any."),
    ] = None


class PluginsSection(msgspec.Struct, frozen=True, kw_only=True):
    """Which plugins may be loaded."""

    allow: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="The plugins that may be loaded, by their own or their distribution's name; all that are"
            " installed where nothing is given. Bundled ones are always there. `$TGVAULT_PLUGINS` goes before it."
        ),
    ] = None


#: How many of something stay; none at all is said by leaving the rule out.
_Number = Annotated[int, Meta(ge=1)]


class RetentionSection(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """What `tgvault forget` keeps where no option says it, in each archive. Nothing is forgotten by itself.

    A snapshot stays if one of the `keep-…` rules keeps it. `grace` and `max-unused` are for `tgvault prune`.
    """

    keep_last: Annotated[_Number | None, Meta(description="The newest so many snapshots.")] = None
    keep_hourly: Annotated[
        _Number | None, Meta(description="The newest snapshot of each of the last so many hours that have one.")
    ] = None
    keep_daily: Annotated[_Number | None, Meta(description="The same of days, on the calendar of this machine.")] = None
    keep_weekly: Annotated[_Number | None, Meta(description="The same of weeks, which begin on Monday.")] = None
    keep_monthly: Annotated[_Number | None, Meta(description="The same of months.")] = None
    keep_quarterly: Annotated[_Number | None, Meta(description="The same of quarters of a year.")] = None
    keep_yearly: Annotated[_Number | None, Meta(description="The same of years.")] = None
    keep_within: Annotated[
        Annotated[str, Meta(pattern=SPAN, title=SPAN_WORDS)] | None,
        Meta(description="All that are not older than the newest one by more than this: `30d`, `12h`, `2w`, `1y6m`."),
    ] = None
    keep_tag: Annotated[
        tuple[Annotated[str, Meta(pattern=TAG_NAME, title=TAG_WORDS)], ...],
        Meta(title=TAG_WORDS, description="All that have one of these tags."),
    ] = ()
    grace: Annotated[
        Annotated[str, Meta(pattern=GRACE, title=SPAN_WORDS)],
        Meta(
            description="For how long `tgvault prune` leaves what was forgotten, so that it can be taken back: `7d`;"
            " `0` is no time at all. It counts from when the pruning machine first saw that it was forgotten."
        ),
    ] = "7d"
    max_unused: Annotated[
        Annotated[str, Meta(pattern=SHARE, title="a share such as `10%`")],
        Meta(
            description="Which share of the vault may be content that no snapshot needs, in packs that have other"
            " content that one does. Less means that `tgvault prune` writes more packs anew."
        ),
    ] = "10%"


class SourceSection(msgspec.Struct, frozen=True, kw_only=True):
    """A place to back up from. The source's own keys stand beside these."""

    type: Annotated[str, Meta(description="Which source: `desktop-export` reads what Telegram Desktop exports.")]
    archive: Annotated[
        Annotated[str, Meta(pattern=ARCHIVE_NAME, title=ARCHIVE_WORDS)] | None,
        Meta(description="The archive that it goes to, where it is not the vault's own `archive`."),
    ] = None
    transforms: Annotated[
        tuple[str, ...],
        Meta(description="Names of `[transforms.…]` tables that its records pass, in this order."),
    ] = ()
    every: Annotated[
        Annotated[str, Meta(pattern=SPAN, title=SPAN_WORDS)] | None,
        Meta(
            description="How often it is to be backed up; `tgvault status` says when that is due. Nothing is started by"
            " itself."
        ),
    ] = None


class TransformSection(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changes or drops records on their way. The transform's own keys stand beside `type`."""

    type: Annotated[str, Meta(description="Which transform; plugins bring them.")]
