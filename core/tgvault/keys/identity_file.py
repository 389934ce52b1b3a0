"""An identity as a key file of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tgvault.crypto.age import Identity
from tgvault.errors import NoIdentityError
from tgvault.keys.key_file import read_key_file
from tgvault.keys.private_file import write_private

__all__ = ["identity_text", "read_or_make_identity"]


def identity_text(identity: Identity, *, what_for: str, created: datetime) -> str:
    """Write out an identity in the form that `age-keygen` gives; secret. `what_for` is one line for people."""
    when = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    comments = (f"created: {when}", f"public key: {identity.recipient.text}", " ".join(what_for.split()))
    return "".join(f"# {line}\n" for line in comments) + identity.text.strip() + "\n"


def read_or_make_identity(path: Path, *, what_for: str, created: datetime) -> tuple[Identity, tuple[str, ...]]:
    """Read the first identity of a key file, or make a new one where there is no file; gives also what to warn of.

    Raises:
        BadKeyError, NoIdentityError: there is something else of that name.
        UsageError: the file cannot be made.
    """
    try:
        found = read_key_file(path)
    except NoIdentityError:
        if path.is_symlink() or path.exists():
            raise
        identity = Identity.generate()
        write_private(path, identity_text(identity, what_for=what_for, created=created))
        return identity, ()
    return found.identities[0], found.notices
