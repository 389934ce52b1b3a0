"""What the texts mean that stores have for their errors."""

from __future__ import annotations

import pytest

from tgvault.api import SinkError, SinkFullError, SinkPermissionError, SinkUnavailableError
from tgvault_plugins.rclone.failures import as_sink_error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write /mnt/x: no space left on device", SinkFullError),
        (
            "googleapi: Error 403: The user's Drive storage quota has been exceeded., storageQuotaExceeded",
            SinkFullError,
        ),
        ("quotaLimitReached: Insufficient Space Available", SinkFullError),
        ("path/insufficient_space/...", SinkFullError),
        ("507 Insufficient Storage", SinkFullError),
        ("disk quota exceeded", SinkFullError),
        ("Error 403: Quota exceeded for quota metric 'Queries', rateLimitExceeded", SinkPermissionError),
        ("AccessDenied: Access Denied.\n\tstatus code: 403", SinkPermissionError),
        ("open /mnt/x: permission denied", SinkPermissionError),
        ('oauth2: "invalid_grant" "Token has been expired or revoked."', SinkPermissionError),
        ("SignatureDoesNotMatch: The request signature we calculated does not match", SinkPermissionError),
        ("ssh: handshake failed: ssh: unable to authenticate", SinkPermissionError),
        ('didn\'t find section in config file ("x")', SinkPermissionError),
        ("is a file not a directory", SinkPermissionError),
        ("dial tcp 127.0.0.1:1: connect: connection refused", SinkUnavailableError),
        ("", SinkUnavailableError),
    ],
)
def test_each_text_has_its_error(text: str, expected: type[SinkError]) -> None:
    error = as_sink_error(text, "packs/ab", "drive")

    assert type(error) is expected
    assert error.hint is not None
    assert "\n" not in str(error)
