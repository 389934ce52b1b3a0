"""The three that give access to drives by OAuth 2: their addresses, and the least that tgvault asks them for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["DROPBOX", "GOOGLE", "GOOGLE_CLOUD", "MICROSOFT", "Client", "Provider"]


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider asks people, and gives tokens; tests put servers of their own in their place.

    `device` is where codes for other devices are had, None where there are none. `extra` goes with the question that
    people see. `host` is what the provider wants to be sent back to: it has to be as the app was registered.
    """

    name: str
    authorize: str
    token: str
    scope: str
    device: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Client:
    """The app that somebody registered with a provider; some providers give it a secret, which is none among friends.

    RFC 8252 says so: what every copy of a program has in it keeps nobody out. It is not shown all the same.
    """

    id: str
    secret: str | None = field(default=None, repr=False)

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form that say which app it is."""
        return {"client_id": self.id, **({"client_secret": self.secret} if self.secret else {})}


#: `drive.file`: what the app itself has made, and nothing else. https://developers.google.com/identity/protocols/oauth2
GOOGLE = Provider(
    name="Google",
    authorize="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scope="https://www.googleapis.com/auth/drive.file",
    device="https://oauth2.googleapis.com/device/code",
    # Without both, Google gives a refresh token the first time only.
    extra={"access_type": "offline", "prompt": "consent"},
)

#: For buckets, as a service account: nobody is asked.
GOOGLE_CLOUD = Provider(
    name="Google",
    authorize="",
    token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scope="https://www.googleapis.com/auth/devstorage.read_write",
)

#: The person's own files. `Files.ReadWrite.AppFolder` would be less, but opendal knows no app folder.
#: https://learn.microsoft.com/en-us/graph/permissions-reference
MICROSOFT = Provider(
    name="Microsoft",
    authorize="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106 - an address
    scope="Files.ReadWrite offline_access",
    device="https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
    # The one host for which Microsoft lets the port differ from the registered one.
    host="localhost",
)

#: What Dropbox lets an app see is said where it is registered: its own folder, best.
#: https://developers.dropbox.com/oauth-guide
DROPBOX = Provider(
    name="Dropbox",
    authorize="https://www.dropbox.com/oauth2/authorize",
    token="https://api.dropboxapi.com/oauth2/token",  # noqa: S106 - an address
    scope="files.content.write files.content.read files.metadata.read",
    extra={"token_access_type": "offline"},
)
