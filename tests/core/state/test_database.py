from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import apsw
import pytest

from tgvault.errors import StateError
from tgvault.state.database import STATE, Database, Form

KEY, OTHER = "ab" * 32, "cd" * 32
SPAWN = multiprocessing.get_context("spawn")
SECRET = "a text that nobody may read"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.db"


def facts(opened: Database) -> list[str]:
    return sorted(str(row[0]) for row in opened.run("SELECT name FROM fact"))


def put(opened: Database, name: str = SECRET) -> None:
    opened.run("INSERT INTO fact VALUES (?, ?)", name, (SECRET * 50).encode())


def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    first = Database.open(path, key=KEY)
    put(first)
    first.close()

    again = Database.open(path, key=KEY)

    assert facts(again) == [SECRET]
    again.close()


def test_nothing_readable_lies_on_the_disk_at_any_moment(path: Path) -> None:
    opened = Database.open(path, key=KEY)
    with opened.transaction():
        put(opened)
        opened.run("INSERT INTO sorting VALUES (1, 1, 5, ?)", SECRET.encode())
    seen: list[str] = []

    for each in path.parent.iterdir():
        data = each.read_bytes()
        seen.append(each.name)
        for readable in (SECRET.encode(), b"SQLite format", b"CREATE TABLE", b"sorting"):
            assert readable not in data
    opened.close()
    assert b"SQLite format" not in path.read_bytes()
    assert {path.name, path.name + "-wal"} <= set(seen)


def test_only_the_owner_may_look_into_the_folder(path: Path) -> None:
    Database.open(path, key=KEY).close()

    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("make", [Database.open, Database.make])
def test_only_the_owner_may_read_a_database_in_a_folder_that_all_may_look_into(
    path: Path, make: Callable[..., Database]
) -> None:
    path.parent.mkdir(mode=0o755)
    opened = make(path, key=KEY)
    put(opened)

    seen = {each.name: each.stat().st_mode & 0o077 for each in path.parent.iterdir() if each.name.startswith(path.name)}
    opened.close()

    assert seen == {path.name: 0, f"{path.name}-wal": 0, f"{path.name}-shm": 0}


def test_a_database_of_another_key_is_made_anew(path: Path) -> None:
    first = Database.open(path, key=OTHER)
    put(first)
    first.close()

    second = Database.open(path, key=KEY)

    assert facts(second) == []
    second.close()


@pytest.mark.parametrize("content", [b"", b"rubbish", b"SQLite format 3\0" + bytes(5000), os.urandom(8192)])
def test_what_is_no_database_is_made_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    opened = Database.open(path, key=KEY)
    put(opened)

    assert facts(opened) == [SECRET]
    opened.close()


@pytest.mark.parametrize("keep", [100, 4096])
def test_a_database_that_is_cut_off_in_its_first_pages_is_made_anew(path: Path, keep: int) -> None:
    filled(path)
    os.truncate(path, keep)

    opened = Database.open(path, key=KEY)

    assert facts(opened) == []
    opened.close()


def test_damage_that_shows_only_when_it_is_read_is_told_with_the_way_out(path: Path) -> None:
    filled(path)
    data = bytearray(path.read_bytes())
    for at in range(30_000, len(data), 500):
        data[at] ^= 1
    path.write_bytes(data)
    opened = Database.open(path, key=KEY)

    with pytest.raises(StateError, match="cannot be used") as caught:
        opened.run("SELECT * FROM fact")
    with pytest.raises(StateError):
        list(opened.rows("SELECT * FROM fact"))
    assert "delete it" in str(caught.value.hint)
    opened.close()


def test_a_full_disk_is_told_also_where_sqlite_takes_the_transaction_back_by_itself(path: Path) -> None:
    opened = Database.open(path, key=KEY)
    opened.run("PRAGMA max_page_count = 1")
    rows = [(f"fact {number}", bytes(9_000)) for number in range(20)]

    with pytest.raises(StateError, match="full"):
        opened.many("INSERT INTO fact VALUES (?, ?)", iter(rows))
    with pytest.raises(StateError, match="full"), opened.transaction(), opened.transaction():
        opened.run("INSERT INTO fact VALUES (?, ?)", "fact", bytes(90_000))

    assert facts(opened) == []
    opened.close()


def test_a_statement_that_is_wrong_is_a_mistake_of_ours(path: Path) -> None:
    opened = Database.open(path, key=KEY)

    with pytest.raises(apsw.SQLError), opened.transaction():
        opened.run("SELECT nothing FROM nowhere")

    opened.close()


def filled(path: Path) -> None:
    opened = Database.open(path, key=KEY)
    for number in range(200):
        put(opened, f"fact {number}")
    opened.close()


def test_a_database_of_another_version_is_made_anew(path: Path) -> None:
    first = Database.open(path, key=KEY, form=replace(STATE, version=1))
    put(first)
    first.close()

    second = Database.open(path, key=KEY)

    assert facts(second) == []
    second.close()


def an_old_one(path: Path) -> None:
    """A database as version 4 had it, of which the memory of what was seen is worth keeping."""
    schema = "\n".join(line for line in STATE.schema.splitlines() if "TABLE sighting" not in line)
    old = Database.open(path, key=KEY, form=Form(schema, 4))
    old.run("INSERT INTO seen VALUES ('snapshots/a', 'main', 1)")
    old.close()


def test_a_database_of_the_version_before_is_brought_up_to_date(path: Path) -> None:
    an_old_one(path)

    opened = Database.open(path, key=KEY)

    assert opened.run("SELECT * FROM seen") == [("snapshots/a", "main", 1)]
    assert opened.run("SELECT * FROM sighting") == []
    assert opened.run("PRAGMA user_version") == [(STATE.version,)]
    opened.close()


def count_seen(path: Path, start: Barrier) -> None:
    start.wait()
    opened = Database.open(path, key=KEY)
    assert len(opened.run("SELECT * FROM seen NATURAL LEFT JOIN sighting")) == 1
    opened.close()


def test_processes_that_bring_it_up_to_date_at_once_lose_nothing(path: Path) -> None:
    an_old_one(path)
    start = SPAWN.Barrier(3)
    processes = [SPAWN.Process(target=count_seen, args=(path, start)) for _ in range(3)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()

    assert [each.exitcode for each in processes] == [0, 0, 0]


def test_a_database_has_the_tables_of_its_form(path: Path) -> None:
    opened = Database.open(path, key=KEY, form=Form("CREATE TABLE mine (a); CREATE TABLE yours (b)", 1))

    opened.run("INSERT INTO yours VALUES (1)")

    assert opened.run("SELECT b FROM yours") == [(1,)]
    opened.close()


def test_a_folder_that_cannot_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StateError, match="cannot be used") as caught:
        Database.open(tmp_path / "file" / "state.db", key=KEY)
    assert "[state]" in str(caught.value.hint)


def test_a_folder_in_the_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(StateError, match="cannot be used"):
        Database.open(path, key=KEY)


def test_all_of_a_transaction_happens_or_nothing(path: Path) -> None:
    opened = Database.open(path, key=KEY)

    def fail() -> None:
        with opened.transaction():
            put(opened)
            with opened.transaction():
                put(opened, "inner")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert facts(opened) == []
    opened.close()


def test_rows_that_fail_half_way_leave_nothing(path: Path) -> None:
    opened = Database.open(path, key=KEY)

    def rows() -> Iterator[tuple[str, bytes]]:
        yield "one", b""
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened.many("INSERT INTO fact VALUES (?, ?)", rows())

    assert facts(opened) == []
    opened.close()


def test_rows_are_given_while_others_are_written(path: Path) -> None:
    opened = Database.open(path, key=KEY)
    for number in range(5):
        put(opened, str(number))

    for row in opened.rows("SELECT name FROM fact ORDER BY name"):
        opened.run("INSERT OR IGNORE INTO seen VALUES (?, '', 0)", row[0])

    assert len(opened.run("SELECT * FROM seen")) == 5
    opened.close()


def write_many(path: Path, start: Barrier, name: str) -> None:
    start.wait()
    opened = Database.open(path, key=KEY)
    for number in range(50):
        opened.run("INSERT INTO fact VALUES (?, x'00')", f"{name} {number}")
    opened.close()


def test_processes_that_open_a_new_database_at_once_share_it(path: Path) -> None:
    start = SPAWN.Barrier(3)
    processes = [SPAWN.Process(target=write_many, args=(path, start, name)) for name in "abc"]
    for each in processes:
        each.start()
    for each in processes:
        each.join()

    opened = Database.open(path, key=KEY)

    assert [each.exitcode for each in processes] == [0, 0, 0]
    assert len(facts(opened)) == 150
    opened.close()


def test_a_reader_sees_what_another_process_has_written(path: Path) -> None:
    reader = Database.open(path, key=KEY)
    code = (
        "import sys; from pathlib import Path; from tgvault.state.database import Database;"
        f"d = Database.open(Path(sys.argv[1]), key={KEY!r}); d.run(\"INSERT INTO fact VALUES ('x', x'00')\"); d.close()"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True)

    assert facts(reader) == ["x"]
    reader.close()


def test_a_full_disk_is_told_with_the_way_out(path: Path) -> None:
    opened = Database.open(path, key=KEY)
    code = (
        "import resource, signal, sys; from pathlib import Path; from tgvault.errors import StateError\n"
        "from tgvault.state.database import Database\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"d = Database.open(Path(sys.argv[1]), key={KEY!r})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try:\n"
        "    d.many('INSERT INTO fact VALUES (?, ?)', ((str(n), bytes(10_000)) for n in range(100)))\n"
        "except StateError as error:\n"
        "    print('make room' in error.hint)\n"
    )

    said = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True).stdout

    assert said == "True\n"
    assert facts(opened) == []
    opened.close()


def test_a_database_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opened = Database.in_memory()
    put(opened)

    assert facts(opened) == [SECRET]
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_ours_in_a_statement_is_not_taken_for_the_disks(path: Path) -> None:
    opened = Database.open(path, key=KEY)

    with pytest.raises(apsw.SQLError):
        opened.run("SELECT nonsense FROM nowhere")
    opened.close()
