"""The sink `gcs`: a bucket at Google Cloud Storage."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from tgvault.api import Credential, CredentialField, SinkPermissionError
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.settings import GcsConfig
from tgvault_plugins.cloud.sink import ObjectStoreSink, given
from tgvault_plugins.cloud.telling import Place

__all__ = ["GcsSink"]

_KEY = "service-account-key"
#: Kinds of keys that hold all that is needed. Others name a program to run or an address to ask for more.
_KINDS = ("service_account", "authorized_user")


class _KeyFile(msgspec.Struct):
    type: str


class GcsSink(ObjectStoreSink):
    """Keeps the objects in a bucket at Google Cloud Storage, as a service account.

    The bucket has to be there.
    """

    config: ClassVar[type[msgspec.Struct]] = GcsConfig
    scheme = "gcs"
    fields = (
        CredentialField(
            name=_KEY,
            description="the key of a service account that may read, write, list and delete objects in the bucket:"
            " the content of its JSON file, or the path of that file",
            environment=("GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"),
        ),
    )

    def __init__(self, config: GcsConfig, *, patience: Patience | None = None) -> None:
        """Take the settings, and how to wait."""
        super().__init__(patience=patience)
        self._config = config

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(f"bucket `{self._config.bucket}`", "make the bucket in Google's console, or correct `bucket`")

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options; it looks for nothing by itself."""
        config = self._config
        return given(
            bucket=config.bucket,
            root=f"/{config.prefix}",
            endpoint=config.endpoint,
            default_storage_class=config.storage_class,
            credential=_encoded(credential[_KEY]) if _KEY in credential else None,
            disable_config_load="true",
            disable_vm_metadata="true",
        )


def _encoded(key: str) -> str:
    content = key.strip()
    try:
        data = content.encode() if content.startswith("{") else Path(content).expanduser().read_bytes()
        kind = msgspec.json.decode(data, type=_KeyFile).type
    except (OSError, ValueError):
        # The error would carry the path or the content, either of which may be the secret.
        kind = ""
    if kind not in _KINDS:
        raise SinkPermissionError(
            "the credential is not the key of a service account",
            hint="give the content of its JSON file or the path of that file; `tgvault sink login` asks for it",
        )
    return b64encode(data).decode()
