"""The sink `s3`: a bucket at Amazon, or at anybody who speaks its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from tgvault.api import Credential, CredentialField
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.settings import S3Config
from tgvault_plugins.cloud.sink import ObjectStoreSink, given
from tgvault_plugins.cloud.telling import Place

__all__ = ["S3Sink"]

#: What most other stores than Amazon's call their only region, or take for it.
_USUAL_REGION = "us-east-1"


class S3Sink(ObjectStoreSink):
    """Keeps the objects in a bucket at Amazon S3, or at one of the many who speak its protocol.

    The bucket has to be there. Amazon's own ways to find credentials (its files, the machine's role) are not used.
    """

    config: ClassVar[type[msgspec.Struct]] = S3Config
    scheme = "s3"
    fields = (
        CredentialField(
            name="access-key-id",
            description="the id of an access key that may read, write, list and delete in the bucket",
            secret=False,
            environment=("AWS_ACCESS_KEY_ID",),
        ),
        CredentialField(
            name="secret-access-key",
            description="the secret of that access key, which the store shows once when the key is made",
            environment=("AWS_SECRET_ACCESS_KEY",),
        ),
        CredentialField(
            name="session-token",
            description="the token that comes with an access key that is valid for some hours only",
            required=False,
            environment=("AWS_SESSION_TOKEN",),
        ),
    )

    def __init__(self, config: S3Config, *, patience: Patience | None = None) -> None:
        """Take the settings, and how to wait."""
        super().__init__(patience=patience)
        self._config = config

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(
            f"bucket `{self._config.bucket}`",
            "make the bucket with your provider's own tool, or correct `bucket`, `region` and `endpoint`",
        )

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options; it looks for nothing by itself."""
        config = self._config
        return given(
            bucket=config.bucket,
            root=f"/{config.prefix}",
            region=config.region or _USUAL_REGION,
            endpoint=config.endpoint,
            enable_virtual_host_style="true" if config.virtual_host else None,
            default_storage_class=config.storage_class,
            checksum_algorithm=config.checksum,
            access_key_id=credential.get("access-key-id"),
            secret_access_key=credential.get("secret-access-key"),
            session_token=credential.get("session-token"),
            disable_config_load="true",
            disable_ec2_metadata="true",
        )
