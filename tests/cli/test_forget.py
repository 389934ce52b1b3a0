"""What is forgotten is named, and taken back by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import NOON, Tried, in_words
from tgvault.cli.forget import Forgetting, _in_words
from tgvault.config.config import load_config
from tgvault.engine.opening import open_vault
from tgvault.host.host import Host
from tgvault.keys.sources import KeyPlaces
from tgvault.retention.forgetting import DecisionInfo
from tgvault.vault.leases import HeldLease, LeaseKind, Writer

EXPORTS = Path(__file__).parent / "exports"

Run = Callable[..., Tried]


@pytest.fixture
def ids(tgvault: Run) -> list[str]:
    """Make a vault with three snapshots in two archives; gives their ids."""
    made = ("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")
    assert tgvault(*made).code == 0
    for archive, export in (("main", "11"), ("main", "12"), ("work", "12")):
        path = EXPORTS / f"DataExport_2026-{export}-01"
        assert tgvault("import", str(path), "--archive", archive, "--jobs", "0").code == 0
    return shown(tgvault)


def shown(tgvault: Run, *options: str) -> list[str]:
    return [each["id"] for each in json.loads(tgvault("snapshots", *options, "--json").out)["snapshots"]]


def test_the_table_names_the_archives_where_there_are_several(tgvault: Run, ids: list[str]) -> None:
    tried = tgvault("forget", "--keep-last", "1")

    rows = [line.split() for line in tried.out.splitlines()]
    assert rows[0] == ["snapshot", "archive", "time", "what", "why"]
    assert [(row[0], row[1], *row[5:]) for row in rows[1:]] == [
        (ids[0], "main", "forget"),
        (ids[1], "main", "keep", "last,", "newest"),
        (ids[2], "work", "keep", "last,", "newest"),
    ]
    assert "1 snapshot forgotten, 2 kept" in tried.err


def test_what_was_forgotten_is_taken_back_by_its_id(tgvault: Run, ids: list[str]) -> None:
    assert tgvault("forget", ids[0][:5]).code == 0
    assert shown(tgvault, "--forgotten") == ids[:1]

    back = tgvault("forget", "--undo", ids[0])

    assert back.out == f"taken back  {ids[0]}, number 1 of archive main\n"
    assert (shown(tgvault), shown(tgvault, "--forgotten")) == (ids, [])


def test_nothing_is_taken_back_while_somebody_prunes(tgvault: Run, ids: list[str], tmp_path: Path) -> None:
    assert tgvault("forget", ids[0]).code == 0
    host = Host(allow=frozenset())
    config = load_config(tmp_path / "vault.toml")
    places = KeyPlaces(tmp_path / "KEY", None)
    with open_vault(config, host=host, given=places, environment={}, notice=print) as opened:
        writer = Writer(LeaseKind.PRUNE, "nas", "0" * 16, lambda: NOON)
        HeldLease(opened.vault.sink, opened.vault.keys, writer)

    tried = tgvault("forget", "--undo", ids[0])

    assert tried.code == 71
    assert "`nas` is pruning the vault" in tried.err
    assert shown(tgvault, "--forgotten") == ids[:1]


def test_taking_back_is_told_as_json(tgvault: Run, ids: list[str]) -> None:
    tgvault("forget", ids[0])

    said = json.loads(tgvault("forget", "--undo", ids[0], "--json").out)

    assert [each["id"] for each in said["snapshots"]] == ids[:1]


def test_a_dry_run_forgets_nothing(tgvault: Run, ids: list[str]) -> None:
    said = json.loads(tgvault("forget", "--keep-last", "1", "--dry-run", "--json").out)

    assert [each["keep"] for each in said["snapshots"]] == [False, True, True]
    assert shown(tgvault) == ids


def test_a_mark_that_is_damaged_is_told(tgvault: Run, ids: list[str], tmp_path: Path) -> None:
    tgvault("forget", ids[0])
    (mark,) = (tmp_path / "v" / "marks").iterdir()
    mark.write_bytes(mark.read_bytes()[:-1])

    tried = tgvault("prune", "--grace", "0")

    assert f"warning: `marks/{mark.name}`" in tried.err
    assert shown(tgvault) == ids


def test_a_refusal_stands_in_the_json_too_and_nothing_goes(tgvault: Run, ids: list[str], tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    whole = (EXPORTS / "DataExport_2026-12-01" / "result.json").read_bytes()
    (tmp_path / "half" / "result.json").write_bytes(whole[:900])
    assert tgvault("import", "half", "--jobs", "0").code == 3

    tried = tgvault("forget", "--keep-last", "1", "--json")

    assert tried.code == 72
    assert "with 1 loss" in json.loads(tried.out)["refused"]
    assert len(shown(tgvault)) == 4


def test_a_snapshot_in_doubt_is_warned_of() -> None:
    doubted = DecisionInfo(
        id="0123abcd",
        name="n",
        archive="main",
        sequence=1,
        time=NOON,
        tags=[],
        keep=True,
        repeats=None,
        reasons=["in doubt: its time lies before there was Telegram"],
    )

    out, err = in_words(_in_words, Forgetting(True, [doubted], None))

    assert "keep  in doubt: its time" in out
    assert "warning: there are snapshots whose time or number cannot be right" in err


@pytest.mark.parametrize(
    "line",
    [
        "--undo abcd --dry-run",
        "--undo abcd --keep-last 1",
        "--undo abcd --even-newest",
        "abcd --accept-shrunken",
        "abcd --keep-tag x",
        "--keep-tag=,",
    ],
)
def test_options_that_make_no_sense_together_are_refused(tgvault: Run, line: str) -> None:
    tried = tgvault("forget", *line.split())

    assert tried.code == 2
    assert "hint: " in tried.err


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("keep-last = 0", ">= 1"),
        ("keep-within = '30'", "a span of time"),
        ("keep-tag = ['a b']", "1 to 32 letters"),
        ("keep_last = 3", "did you mean `keep-last`"),
    ],
)
def test_mistakes_in_the_configuration_are_named(
    tgvault: Run, ids: list[str], tmp_path: Path, line: str, wrong: str
) -> None:
    with (tmp_path / "vault.toml").open("a") as file:
        file.write(f"\n[retention]\n{line}\n")

    tried = tgvault("forget")

    assert tried.code == 20
    assert wrong in tried.err
