"""SeaweedFS on three volume servers, each object on two of them: a store that outlives one of its machines."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from urllib.request import urlopen

from servers.process import ServerFailedError, ServerProcess, answers, free_ports
from servers.seaweed import ACCESS_KEY, BUCKET, GRPC, IDENTITIES, SECRET_KEY, weed

__all__ = ["SeaweedCluster"]

VOLUME_SERVERS = 3

#: Each object on two volume servers of one rack.
_REPLICATION = "001"


class SeaweedCluster:
    """A master, three volume servers, a filer and an S3 gateway; used with `with`."""

    region = "us-east-1"
    access_key = ACCESS_KEY
    secret_key = SECRET_KEY
    bucket = BUCKET

    def __init__(self, folder: Path) -> None:
        """Take an empty folder, for the objects and the logs."""
        self._folder = folder
        self._run = folder
        self._processes: dict[str, ServerProcess] = {}
        self._ports: dict[str, int] = {}

    @property
    def endpoint(self) -> str:
        """Where S3 is served."""
        return f"http://127.0.0.1:{self._ports['s3']}"

    def prefix(self) -> str:
        """A new name for a folder in the bucket that nobody has used."""
        return f"test-{token_hex(8)}"

    def kill_volume_server(self, number: int) -> None:
        """Kill one of the volume servers (1, 2 or 3) as a power cut would."""
        self._processes.pop(f"volume{number}").kill()

    def start_volume_server(self, number: int) -> None:
        """Start a volume server again that was killed; its objects are still there."""
        self._start_volume(number)

    def log(self, name: str) -> str:
        """What a part has written: `master`, `volume1`, `filer`, `s3`."""
        return (self._run / name).with_suffix(".log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> SeaweedCluster:
        for _ in range(3):
            try:
                self._start()
            except ServerFailedError as exc:
                failed = exc
                self._kill_all()
            else:
                return self
        raise failed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill_all()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill_all(self) -> None:
        while self._processes:
            self._processes.popitem()[1].kill()

    def _start(self) -> None:
        self._run = self._folder / token_hex(4)
        self._run.mkdir(parents=True)
        (self._run / "s3.json").write_text(json.dumps(IDENTITIES), encoding="utf-8")
        names = ["master", "filer", "s3", *(f"volume{number + 1}" for number in range(VOLUME_SERVERS))]
        self._ports = dict(zip(names, free_ports(len(names), beside=GRPC), strict=True))
        self._launch(
            "master",
            mdir=self._data("master"),
            defaultReplication=_REPLICATION,
            volumeSizeLimitMB=128,
            telemetry="false",
        )
        self._processes["master"].wait_until(lambda: answers(self._ports["master"]))
        for number in range(1, VOLUME_SERVERS + 1):
            self._start_volume(number)
        self._launch(
            "filer",
            master=self._address("master"),
            defaultReplicaPlacement=_REPLICATION,
            maxMB=4,
            defaultStoreDir=self._data("filer"),
        )
        self._processes["filer"].wait_until(lambda: answers(self._ports["filer"]))
        self._launch(
            "s3",
            filer=self._address("filer"),
            config=self._run / "s3.json",
            **{"port.iceberg": 0, "port.lance": 0},
        )
        # Volume servers register only once the master leads, which it looks at every five seconds.
        self._processes["s3"].wait_until(
            lambda: answers(self._ports["s3"]) and self._volume_servers() == VOLUME_SERVERS
        )
        self._make_bucket()

    def _start_volume(self, number: int) -> None:
        self._launch(
            f"volume{number}",
            master=self._address("master"),
            dir=self._data(f"volume{number}"),
            max=30,
            dataCenter="dc1",
            rack="r1",
            preStopSeconds=1,
        )

    def _launch(self, name: str, **flags: object) -> None:
        kind = name.rstrip("123") if name != "s3" else name
        given = {"ip.bind": "127.0.0.1", "port": self._ports[name], **flags}
        if name != "s3":
            given["ip"] = "127.0.0.1"
        command = [weed(), "-logtostderr=true", kind, *(f"-{key}={value}" for key, value in given.items())]
        self._processes[name] = ServerProcess(command, log=(self._run / name).with_suffix(".log"))

    def _data(self, name: str) -> Path:
        folder = self._run / name
        folder.mkdir(exist_ok=True)
        return folder

    def _address(self, name: str) -> str:
        return f"127.0.0.1:{self._ports[name]}"

    def _volume_servers(self) -> int:
        with urlopen(f"http://{self._address('master')}/dir/status") as answer:
            topology = json.load(answer)["Topology"]
        racks = (rack for center in topology["DataCenters"] or () for rack in center["Racks"] or ())
        return sum(len(rack["DataNodes"] or ()) for rack in racks)

    def _make_bucket(self) -> None:
        command = [weed(), "shell", f"-master={self._address('master')}", f"-filer={self._address('filer')}"]
        subprocess.run(
            command, input=f"s3.bucket.create -name {BUCKET}\n", text=True, check=True, capture_output=True, timeout=60
        )
