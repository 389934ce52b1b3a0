"""The example plugin, as a stranger meets it: built, installed beside tgvault, used, and removed again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from clean_environments import Environment, build_wheel, make_environment
from tgvault.errors import PluginMissingError
from tgvault.host.report import PluginInfo, PluginState

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "docs" / "examples" / "tgvault-example"

_LIST = """
import msgspec
from tgvault.host.host import Host

host = Host()
host.load_all()
print(msgspec.json.encode(host.listed()).decode())
"""

_USE = """
import sys
from pathlib import Path
from tgvault.api import ObjectName
from tgvault.config.config import load_config
from tgvault.host.host import Host
from tgvault.host.spec import build

config = load_config(Path(sys.argv[1]))
host = Host()
sink = build(host.sink_spec(config.sink.type, config.sink.settings))
sink.prepare()
sink.put(ObjectName("vault.json"), b"{}")
assert sink.get(ObjectName("vault.json")) == b"{}"
for table in config.source("phone").transforms:
    print(type(build(host.transform_spec(table.type, table.settings))).__name__)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {"tgvault": build_wheel(PROJECT, folder), "example": build_wheel(EXAMPLE, folder)}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """An environment with tgvault from its wheel, and nothing else of ours."""
    environment = make_environment(tmp_path_factory.mktemp("environment") / "venv", holding="tgvault")
    environment.pip("install", "--no-index", str(wheels["tgvault"]))
    environment.pip("check")
    return environment


@pytest.fixture
def installed(bare: Environment, wheels: dict[str, Path]) -> Environment:
    """The same with the example beside it."""
    bare.pip("install", "--no-index", "--force-reinstall", "--no-deps", str(wheels["example"]))
    return bare


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "vault.toml"
    file.write_text(
        '[sink]\ntype = "folder-log"\npath = "vault"\n'
        '[sources.phone]\ntype = "desktop-export"\npath = "export"\ntransforms = ["quiet"]\n'
        '[transforms.quiet]\ntype = "drop-service"\nactions = ["phone_call"]\n'
    )
    return file


def plugins(environment: Environment) -> dict[str, PluginInfo]:
    done = environment.python("-c", _LIST)
    assert done.returncode == 0, done.stderr
    return {each.name: each for each in msgspec.json.decode(done.stdout, type=list[PluginInfo])}


def test_its_wheel_can_be_looked_into_before_it_is_installed(bare: Environment, wheels: dict[str, Path]) -> None:
    shown = bare.tgvault("plugin", "show", str(wheels["example"]))

    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[0] == "plugin    example, of tgvault-example 1.0.0"


def test_it_is_listed_with_what_it_brings(installed: Environment) -> None:
    listed = plugins(installed)

    assert listed["example"] == PluginInfo(
        name="example",
        distribution="tgvault-example",
        version="1.0.0",
        bundled=False,
        state=PluginState.LOADED,
        brings=("transform drop-service", "sink folder-log"),
    )
    assert listed["local"].state is PluginState.LOADED


def test_what_it_brings_is_used_by_name(installed: Environment, config: Path) -> None:
    done = installed.python("-c", _USE, str(config))

    assert (done.stdout, done.stderr) == ("DropService\n", "")
    assert (config.parent / "vault" / "vault log.txt").exists()


def test_once_removed_it_is_missed_by_what_needs_it_only(installed: Environment, config: Path) -> None:
    installed.pip("uninstall", "--yes", "tgvault-example")

    done = installed.python("-c", _USE, str(config))

    assert "PluginMissingError: no plugin brings the sink `folder-log`" in done.stderr
    assert "example" not in plugins(installed)
    config.write_text(config.read_text().replace("folder-log", "local").replace('transforms = ["quiet"]', ""))
    assert installed.python("-c", _USE, str(config)).returncode == 0


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A chat with a message and a call."""
    message = {"id": 1, "type": "message", "date": "2024-11-14T11:12:56", "from": "Ben", "from_id": "user5"}
    call = {"id": 2, "type": "service", "date": "2024-11-14T11:20:00", "actor": "Ben", "action": "phone_call"}
    chat = {"name": "Ben", "type": "personal_chat", "id": 5, "messages": [message | {"text": "good evening"}, call]}
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "result.json").write_bytes(msgspec.json.encode(chat))
    return folder


def make_vault(environment: Environment, folder: Path, *, sink: str) -> tuple[str, ...]:
    """Make a vault and let its backups leave calls out; gives the options that name it."""
    vault = ("--vault", str(folder / f"{sink}.toml"))
    where = ("--path", str(folder / sink), "--state", str(folder / "state"), "--kit", str(folder / f"{sink} kit.txt"))
    done = environment.tgvault(*vault, "init", "--sink", sink, *where, "--key-file", str(folder / f"{sink}.key"))
    assert done.returncode == 0, done.stderr
    with Path(vault[1]).open("a") as config:
        config.write(
            '\n[sources.phone]\ntype = "desktop-export"\npath = "export"\ntransforms = ["quiet"]\n'
            '\n[transforms.quiet]\ntype = "drop-service"\nactions = ["phone_call"]\n'
        )
    return vault


def restored(environment: Environment, vault: tuple[str, ...], target: Path) -> str:
    """Restore the newest snapshot and give all its text."""
    done = environment.tgvault(*vault, "restore", "latest", "--to", str(target))
    assert done.returncode == 0, done.stderr
    return "".join(path.read_text() for path in target.rglob("*.json"))


def test_a_backup_and_a_restore_go_through_it(installed: Environment, tmp_path: Path, export: Path) -> None:
    vault = make_vault(installed, tmp_path, sink="folder-log")

    done = installed.tgvault(*vault, "backup")

    assert (done.returncode, done.stderr.count("error")) == (0, 0), done.stderr
    text = restored(installed, vault, tmp_path / "restored")
    assert "good evening" in text
    assert "phone_call" not in text
    assert " put " in (tmp_path / "folder-log" / "vault log.txt").read_text()


def test_a_restore_does_not_miss_the_transform_of_the_backup(
    installed: Environment, tmp_path: Path, export: Path
) -> None:
    vault = make_vault(installed, tmp_path, sink="local")
    installed.tgvault(*vault, "backup")
    installed.pip("uninstall", "--yes", "tgvault-example")

    refused = installed.tgvault(*vault, "backup")

    assert refused.returncode == PluginMissingError.exit_code
    assert "no plugin brings the transform `drop-service`" in refused.stderr
    assert "good evening" in restored(installed, vault, tmp_path / "restored")


def test_its_own_tests_pass(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--basetemp={tmp_path}"],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
