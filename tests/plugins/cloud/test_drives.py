"""The sinks on drives, and `b2`, held to the contract on servers that only stand in for the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from servers.fake_drives import FakeBackblaze, FakeDropbox, FakeGoogleDrive, FakeOneDrive
from servers.secure import Elsewhere, SecureStub
from servers.stub import Answer, Asked, Stub
from tgvault.api import Credential, ObjectName, Sink
from tgvault.testing.contracts import MakeSink, SinkContract
from tgvault_plugins.cloud import (
    B2Config,
    B2Sink,
    DriveConfig,
    DropboxSink,
    GdriveSink,
    OnedriveSink,
)
from tgvault_plugins.cloud.drives import DriveSink
from tgvault_plugins.cloud.provider import Provider

NAME = ObjectName("packs/ab/c.age")
DRIVE = {"client-id": "app", "client-secret": "hunter2", "refresh-token": "hunter3"}


def make_drive(cls: type[DriveSink], tokens: str, path: str = "backups/vault") -> DriveSink:
    sink = cls(DriveConfig(path=path), provider=Provider("Tester", "", tokens, ""))
    sink.use(Credential(DRIVE))
    return sink


def make_b2(key: str, bucket_id: str = "e73ede99") -> B2Sink:
    sink = B2Sink(B2Config(bucket="vaults", bucket_id=bucket_id, prefix="my vault"))
    sink.use(Credential({"application-key-id": "key-id", "application-key": key}))
    return sink


class World:
    """A server that stands in for a real one, and a process that takes it for that."""

    def __init__(self, folder: Path) -> None:
        self.server: Callable[[Asked], Answer] = lambda asked: Answer(404)
        hosts = (FakeGoogleDrive.host, FakeDropbox.host, FakeDropbox.other_host, FakeOneDrive.host, FakeBackblaze.host)
        self.stub = SecureStub(lambda asked: self.server(asked), hosts=hosts, folder=folder)
        self.tokens = Stub(lambda asked: Answer(body=json.dumps({"access_token": self.token}).encode()))
        self.token = "right"

    def drive(self, cls: type[DriveSink], path: str = "backups/vault") -> Callable[[], Sink]:
        """What makes a sink that gets its tokens here."""
        return partial(make_drive, cls, self.tokens.address, path)


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Elsewhere]]:
    world = World(tmp_path_factory.mktemp("world"))
    with world.stub, world.tokens, Elsewhere(world.stub.environment) as elsewhere:
        yield world, elsewhere


@pytest.fixture
def world(_world: tuple[World, Elsewhere]) -> World:
    _world[0].token = "right"
    _world[0].stub.asked.clear()
    return _world[0]


@pytest.fixture
def elsewhere(_world: tuple[World, Elsewhere]) -> Elsewhere:
    return _world[1]


class TestGdrive(SinkContract):
    @pytest.fixture
    def server(self, world: World) -> FakeGoogleDrive:
        world.server = server = FakeGoogleDrive()
        return server

    @pytest.fixture
    def make_sink(self, world: World, elsewhere: Elsewhere, server: FakeGoogleDrive) -> MakeSink:
        return partial(elsewhere.make, world.drive(GdriveSink))

    @pytest.fixture
    def litter(self, server: FakeGoogleDrive) -> Callable[[], None]:
        return partial(drop_on_google, server)


class TestDropbox(SinkContract):
    @pytest.fixture
    def server(self, world: World) -> FakeDropbox:
        world.server = server = FakeDropbox()
        return server

    @pytest.fixture
    def make_sink(self, world: World, elsewhere: Elsewhere, server: FakeDropbox) -> MakeSink:
        return partial(elsewhere.make, world.drive(DropboxSink))


class OnOneDrive(SinkContract):
    @pytest.fixture
    def make_sink(self, world: World, elsewhere: Elsewhere, server: FakeOneDrive) -> MakeSink:
        return partial(elsewhere.make, world.drive(OnedriveSink, "my backups/vault ö"))


class TestOneDrive(OnOneDrive):
    @pytest.fixture
    def server(self, world: World) -> FakeOneDrive:
        world.server = server = FakeOneDrive()
        return server


class TestOneDriveForBusiness(OnOneDrive):
    @pytest.fixture
    def server(self, world: World) -> FakeOneDrive:
        world.server = server = FakeOneDrive(business=True)
        return server


class TestB2(SinkContract):
    @pytest.fixture
    def server(self, world: World) -> FakeBackblaze:
        world.server = server = FakeBackblaze("vaults", "e73ede99")
        return server

    @pytest.fixture
    def make_sink(self, elsewhere: Elsewhere, server: FakeBackblaze) -> MakeSink:
        return partial(elsewhere.make, partial(make_b2, "right"))


def drop_on_google(server: FakeGoogleDrive) -> None:
    folder = next(number for number, (name, _, _) in server.files.items() if name == "vault")
    for name in (".DS_Store", "my photo (1).jpg", "packs/ab/with-slashes", "a~b~c~too-deep"):
        server.add(name, folder, b"litter")
    server.add("packs", folder, None)
