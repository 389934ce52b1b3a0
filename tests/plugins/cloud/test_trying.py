"""Real stores are tried out with `sink test`, and a process that lists one of them ends as it should."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial

import pytest

from cloud_support import dav_maker, make_s3, s3_maker
from servers.dav import Dav
from servers.seaweed import READ_ONLY_ACCESS_KEY, READ_ONLY_SECRET_KEY, Seaweed
from tgvault.engine.trying import TrialReport, try_sink
from tgvault.testing.contracts import MakeSink
from tgvault_plugins.cloud import S3Config


def tried(make: MakeSink) -> TrialReport:
    return try_sink(make, name="cloud", now=datetime.now(UTC), clock=time.monotonic)


@pytest.fixture
def in_bucket(seaweed: Seaweed) -> MakeSink:
    return s3_maker(seaweed, seaweed.prefix())


def test_a_bucket_does_all_that_a_vault_needs_and_is_left_empty(in_bucket: MakeSink) -> None:
    report = tried(in_bucket)

    assert [each for each in report.trials if not each.ok] == []
    assert list(in_bucket().list("")) == []


def test_a_folder_of_webdav_does_all_that_a_vault_needs_and_is_left_empty(dav: Dav) -> None:
    make = dav_maker(dav, dav.prefix())
    make().prepare()

    report = tried(make)

    assert [each for each in report.trials if not each.ok] == []
    assert list(make().list("")) == []


def test_an_access_key_that_may_only_read_is_told_of(seaweed: Seaweed) -> None:
    config = S3Config(bucket=seaweed.bucket, prefix=seaweed.prefix(), endpoint=seaweed.endpoint)
    given = {"access-key-id": READ_ONLY_ACCESS_KEY, "secret-access-key": READ_ONLY_SECRET_KEY}

    report = tried(partial(make_s3, config, given))

    assert [(each.name, each.ok) for each in report.trials] == [
        ("list", True),
        ("put and get", False),
        ("clean up", False),
    ]
    assert report.code == 102


LISTS = """
import sys
from tgvault.api import Credential, SinkError
from tgvault_plugins.cloud import S3Config, S3Sink

sink = S3Sink(S3Config(bucket="nowhere", endpoint=sys.argv[1]))
sink.use(Credential({"access-key-id": sys.argv[2], "secret-access-key": sys.argv[3]}))
try:
    list(sink.list(""))
except SinkError:
    sys.exit(7)
"""


def test_a_process_that_ends_with_a_list_does_not_abort(seaweed: Seaweed) -> None:
    command = (sys.executable, "-c", LISTS, seaweed.endpoint, seaweed.access_key, seaweed.secret_key)

    codes = {subprocess.run(command, check=False, capture_output=True).returncode for _ in range(8)}

    assert codes == {7}
