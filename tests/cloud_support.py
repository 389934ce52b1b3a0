"""Sinks in clouds, made so that a test may send what makes them to another process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from servers.dav import Dav
from servers.seaweed import Seaweed
from tgvault.api import Credential
from tgvault.testing.contracts import MakeSink
from tgvault_plugins.cloud import S3Config, S3Sink, WebdavConfig, WebdavSink
from tgvault_plugins.cloud.patience import Patience

__all__ = ["Waiting", "dav_maker", "make_dav", "make_s3", "s3_maker"]


class Waiting(list[float]):
    """Waits for nothing and remembers how long it should have, in seconds; gives up on a request after a moment."""

    def __init__(self, *, limit: float = 20.0, first_pause: float = 0.5) -> None:
        super().__init__()
        self.patience = Patience(
            pause=self.append, clock=lambda: sum(self), chance=lambda: 1.0, first_pause=first_pause, limit=limit
        )


def make_s3(config: S3Config, credential: Mapping[str, str]) -> S3Sink:
    sink = S3Sink(config)
    sink.use(Credential(credential))
    return sink


def make_dav(config: WebdavConfig, credential: Mapping[str, str]) -> WebdavSink:
    sink = WebdavSink(config)
    sink.use(Credential(credential))
    return sink


def s3_maker(server: Seaweed, prefix: str) -> MakeSink:
    config = S3Config(bucket=server.bucket, prefix=prefix, endpoint=server.endpoint)
    return partial(make_s3, config, {"access-key-id": server.access_key, "secret-access-key": server.secret_key})


def dav_maker(server: Dav, path: str) -> MakeSink:
    config = WebdavConfig(url=server.endpoint, path=path)
    return partial(make_dav, config, {"user": server.user, "password": server.password})
