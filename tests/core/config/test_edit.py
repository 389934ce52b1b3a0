"""A copy's table comes into a `vault.toml` and out of it, and what somebody wrote there stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from tgvault.config.edit import rewrite_config, with_copy, without_copy
from tgvault.errors import ConfigError

START = """# mine
[sink] # here
type = "local"   # a folder
path = 'v'

# Where the key is.
[key]
keyring = true
"""


def added(text: str, name: str = "cloud") -> str:
    return with_copy(text, name, {"type": "s3", "bucket": "b", "path": Path("/conf/in")}, folder=Path("/conf"))


def test_a_copy_comes_to_the_end() -> None:
    assert added(START) == START + '\n[copies.cloud]\ntype = "s3"\nbucket = "b"\npath = "in"\n'


def test_a_name_is_written_as_toml_has_it() -> None:
    assert tomli.loads(added(START, "my cloud"))["copies"]["my cloud"]["bucket"] == "b"


@pytest.mark.parametrize("text", [START, START.rstrip("\n"), START.replace("\n", "\r\n"), ""])
def test_line_ends_are_those_that_are_there(text: str) -> None:
    changed = added(text)

    assert changed.startswith(text)
    assert changed.count("\r\n") in (0, changed.count("\n"))


@pytest.mark.parametrize("text", [START, START.replace("\n", "\r\n"), added(START, "other")])
def test_what_was_added_is_taken_out_again(text: str) -> None:
    assert without_copy(added(text), "cloud") == text


WRITTEN = """[sink]
type = "local"

# The disk in the drawer.
[copies.disk]
type = "local" # [copies.cloud]
note = \"\"\"
[copies.cloud]
# no comment
\"\"\"
# path = "other"

# About the next one.

# Where the key is.
[key]
keyring = true

[copies.disk.more]
a = 1
# the last word
"""

LEFT = """[sink]
type = "local"

# The disk in the drawer.

# About the next one.

# Where the key is.
[key]
keyring = true
"""


def test_comments_outside_of_the_table_stay() -> None:
    assert without_copy(WRITTEN, "disk") == LEFT


def test_a_comment_right_above_the_next_table_stays() -> None:
    text = '[copies.a]\ntype = "x"\n# about b\n[copies.b]\ntype = "y"\n'

    assert without_copy(text, "a") == '# about b\n[copies.b]\ntype = "y"\n'


@pytest.mark.parametrize(
    "text",
    [
        'copies = { cloud = { type = "x" } }\n',
        'copies.cloud.type = "x"\n',
        '[copies]\ncloud = { type = "x" }\n',
        '[copies]\ncloud.type = "x"\n',
    ],
)
def test_a_copy_that_is_written_otherwise_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(ConfigError, match=r"`copies.cloud` is not written as a table `\[copies.cloud\]`") as caught:
        without_copy(text, "cloud")

    assert "by hand" in str(caught.value.hint)


def test_a_file_that_takes_no_table_is_left_to_its_owner() -> None:
    with pytest.raises(ConfigError, match=r"no table `\[copies.cloud\]` can be added"):
        added('copies = { disk = { type = "x" } }\n')


LINES = st.lists(
    st.sampled_from(
        ["", "# note", "[copies.a]", "[copies.b]", "[copies.a.in]", "[key]", "[sink]", "x = 1", "y = [", "1,", "]"]
    ),
    max_size=12,
)


@given(LINES)
def test_whatever_is_taken_out_everything_else_means_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        values = tomli.loads(text)
        del values["copies"]["a"]
    except (tomli.TOMLDecodeError, KeyError):
        return

    left = without_copy(text, "a")

    assert tomli.loads(left).get("copies", {}) == values.pop("copies")
    assert {key: value for key, value in tomli.loads(left).items() if key != "copies"} == values


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "vault.toml").write_bytes(b"\xef\xbb\xbf" + START.encode())
    return tmp_path / "vault.toml"


def test_a_file_is_rewritten_with_its_mark_and_its_rights(file: Path) -> None:
    file.chmod(0o640)

    rewrite_config(file, added)

    assert file.read_bytes() == b"\xef\xbb\xbf" + added(START).encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["vault.toml"]


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link.toml").symlink_to(file)

    rewrite_config(tmp_path / "link.toml", added)

    assert (tmp_path / "link.toml").is_symlink()
    assert b"copies.cloud" in file.read_bytes()


@pytest.mark.parametrize("change", [lambda text: "nothing", lambda text: text.replace("[sink]", "[sync]")])
def test_what_would_be_no_configuration_is_not_written(file: Path, change: object) -> None:
    before = file.read_bytes()

    with pytest.raises(ConfigError):
        rewrite_config(file, change)  # type: ignore[arg-type]

    assert file.read_bytes() == before


def test_what_somebody_else_writes_meanwhile_is_kept(file: Path) -> None:
    def change(text: str) -> str:
        file.write_bytes(b"theirs")
        return added(text)

    with pytest.raises(ConfigError, match="was changed meanwhile"):
        rewrite_config(file, change)

    assert file.read_bytes() == b"theirs"


def test_a_file_that_cannot_be_written_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(ConfigError, match=r"vault\.toml` cannot be written: Permission denied"):
        rewrite_config(file, added)

    assert [path.name for path in file.parent.iterdir()] == ["vault.toml"]
