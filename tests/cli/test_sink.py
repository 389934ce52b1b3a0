"""Sinks are added, logged in to, listed, tried out and removed; what a store wants to know is seen nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import tomli

from cli.support import Tried
from disk_support import plain_volume
from guarded_sink import PASSWORD, USER, BrowsedSink, OpenSink, install_guarded
from tgvault.config.config import load_config
from tgvault.errors import SinkPermissionError
from tgvault.keys.credentials import CredentialStore
from tgvault_plugins.external_disk import ExternalDiskSink

Run = Callable[..., Tried]

RIGHT = {"TGVAULT_CREDENTIAL_CLOUD_USER": USER, "TGVAULT_CREDENTIAL_CLOUD_PASS_WORD": PASSWORD}
ADD = ("sink", "add", "cloud", "guarded", "path=g")

keyring = pytest.mark.usefixtures("keyring")


@pytest.fixture(autouse=True)
def _vault(tmp_path: Path, tgvault: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install_guarded(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    made = tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit", "--state", "s")
    assert made.code == 0, made.err


@pytest.fixture
def before(tmp_path: Path) -> str:
    return (tmp_path / "vault.toml").read_text()


@pytest.fixture
def kept(tmp_path: Path) -> CredentialStore:
    """The keyring's place for the credential of a copy `cloud`."""
    return CredentialStore(f"{load_config(tmp_path / 'vault.toml').vault.id}/cloud")


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_copy_is_added_at_the_end_once_it_is_known_to_work(tgvault: Run, tmp_path: Path, before: str) -> None:
    tried = tgvault("sink", "add", "disk", "local", "path=d", "medium=tape", "offsite=true")

    assert tried.code == 0, tried.err
    assert (tmp_path / "vault.toml").read_text() == (
        f'{before}\n[copies.disk]\ntype = "local"\noffsite = true\nmedium = "tape"\npath = "d"\n'
    )
    assert "tgvault sync disk --init" in tried.err
    assert tgvault("sync", "disk", "--init").code == 0


def test_a_copy_that_was_added_is_written_as_its_sink_has_it(tgvault: Run, tmp_path: Path) -> None:
    tried = tgvault(*ADD, "level=3", environment=RIGHT)

    assert tried.code == 0, tried.err
    written = tomli.loads((tmp_path / "vault.toml").read_text())["copies"]["cloud"]
    assert written == {"type": "guarded", "path": "g", "level": 3}
    assert (tmp_path / "vault.toml").stat().st_mode & 0o777 == 0o600


@keyring
def test_somebody_is_asked_for_what_is_lacking_and_the_keyring_has_it(
    person: Run, tgvault: Run, tmp_path: Path, kept: CredentialStore
) -> None:
    tried = person("sink", "add", "cloud", "guarded", typed=f"g\n\n{USER}\n", secrets=[PASSWORD, ""])

    assert tried.code == 0, tried.err
    assert "path, The folder: " in tried.err
    assert "  user, Who you are there: Nothing was given." in tried.err
    assert "  token, A token, if you have one (enter for none): " in tried.err
    assert kept.get() == {"user": USER, "pass-word": PASSWORD}
    assert tgvault("sync", "cloud", "--init").code == 0
    assert PASSWORD.encode() not in on_disk(tmp_path)
    assert PASSWORD not in tried.out + tried.err


@keyring
def test_what_is_lacking_is_read_from_standard_input(tgvault: Run, kept: CredentialStore) -> None:
    tried = tgvault(*ADD, stdin=f"{USER}\n{PASSWORD}\n")

    assert tried.code == 0, tried.err
    assert kept.get() == {"user": USER, "pass-word": PASSWORD}


@keyring
def test_nothing_is_left_of_a_copy_that_does_not_work(
    tgvault: Run, tmp_path: Path, before: str, kept: CredentialStore
) -> None:
    tried = tgvault(*ADD, stdin=f"{USER}\nhush-wrong-1\n")

    assert tried.code == 102
    assert tried.err.startswith("error: the guard lets nobody in who says that")
    assert (tmp_path / "vault.toml").read_text() == before
    assert kept.get() is None
    assert "hush-wrong-1" not in tried.out + tried.err


def test_nothing_is_left_of_a_copy_whose_store_is_not_fit(
    tgvault: Run, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tgvault.folders.sink.FolderSink.delete", lambda *_: None)

    tried = tgvault("sink", "add", "disk", "local", "path=d")

    assert tried.code == 10
    assert "disk: no vault can be kept there as it is" in tried.out
    assert "problem  delete: it lists an object that was deleted" in tried.out
    assert "nothing was written to" in tried.err
    assert (tmp_path / "vault.toml").read_text() == before


def test_a_copy_may_be_written_down_untried(tgvault: Run) -> None:
    tried = tgvault("--json", "sink", "add", "disk", "local", "path=d", "--no-test")

    assert tried.code == 0, tried.err
    assert json.loads(tried.out)["trial"] is None


def test_without_a_keyring_the_other_ways_are_told(tgvault: Run, tmp_path: Path, before: str) -> None:
    tried = tgvault(*ADD, stdin=f"{USER}\n{PASSWORD}\n")

    assert tried.code == 104
    assert "the credential of sink `cloud` cannot be kept: there is no OS keyring" in tried.err
    assert "`$TGVAULT_CREDENTIAL_CLOUD_USER`" in tried.err
    assert "`credential_command`" in tried.err
    assert (tmp_path / "vault.toml").read_text() == before


def test_a_command_that_prints_the_credential_is_written_down(tgvault: Run, tmp_path: Path) -> None:
    (tmp_path / "printed").write_text(f"user={USER}\npass-word={PASSWORD}\n")
    command = f"cat {tmp_path / 'printed'}"

    added = tgvault("--vault", "vault.toml", *ADD, f"credential_command={command}")
    listed = tgvault("--vault", "vault.toml", "sink", "list")
    login = tgvault("--vault", "vault.toml", "sink", "login", "cloud")

    assert added.code == 0, added.err
    assert load_config(tmp_path / "vault.toml").copy("cloud").credential_command == command
    assert "the credential command cat" in listed.out
    assert (login.code, login.err.splitlines()[0]) == (
        2,
        "error: sink `cloud` has a `credential_command`, which goes before the keyring",
    )
    assert tgvault("--vault", "vault.toml", "sync", "cloud", "--init").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("primary", "local", "path=x"), "no copy can be called `primary`"),
        (("a.b", "local", "path=x"), "no copy can be called `a.b`"),
        (("in", "local", "path=v/in"), "copy `in` lies in the place of the vault itself"),
        (("x", "nonsense", "path=x"), "no plugin brings the sink `nonsense`"),
        (("x", "local", "path=vault.toml"), "vault.toml` is no folder"),
        (("x", "local", "path=vault.toml/in"), "vault.toml` is no folder"),
        (("x", "external-disk"), "error: the settings of sink `x`: expected one of `label` and `volume`"),
        (("x", "guarded", "path=x", "pass_word=hush-1"), "`pass_word` in the settings of sink `x`: that is a part of"),
        (("x", "guarded", "PASS-WORD=hush-1"), "unknown key `PASS-WORD` in the settings of sink `x`"),
        (("x", "local"), "`path` is missing in the settings of sink `x`"),
        (("x", "local", "path=x", "size=3"), "unknown key `size` in the settings of sink `x`"),
        (("x", "local", "path"), "`path` is no setting"),
        (("x", "guarded", "path=x", "level=high"), "`level` in the settings of sink `x`: expected a whole number"),
        (("x", "local", "path=x", "offsite=perhaps"), "`offsite` in the settings of sink `x`: expected true or false"),
    ],
)
def test_a_copy_that_makes_no_sense_is_refused(
    words: tuple[str, ...], said: str, tgvault: Run, tmp_path: Path, before: str
) -> None:
    tried = tgvault("sink", "add", *words)

    assert tried.code in {2, 20, 40, 100}
    assert said in tried.err
    assert "hush-1" not in tried.err
    assert (tmp_path / "vault.toml").read_text() == before


def test_two_copies_are_not_kept_in_one_place(tgvault: Run, tmp_path: Path) -> None:
    tgvault("sink", "add", "disk", "local", "path=d")
    with (tmp_path / "vault.toml").open("a") as file:
        file.write('[copies.odd]\ntype = "nonsense"\n[copies.bad]\ntype = "local"\n')

    same, apart = tgvault("sink", "add", "two", "local", "path=d/in"), tgvault("sink", "add", "two", "local", "path=e")

    assert (same.code, apart.code) == (20, 0)
    assert "copy `two` lies in the place of copy `disk`" in same.err


def test_a_folder_of_a_bucket_is_kept_apart_from_those_in_it_and_around_it(tgvault: Run, tmp_path: Path) -> None:
    with (tmp_path / "vault.toml").open("a") as file:
        file.write('[copies.one]\ntype = "s3"\nregion = "r"\nbucket = "b"\nprefix = "a/b"\n')

    tries = {
        where: tgvault("sink", "add", "two", "s3", "region=r", *where.split(), "--no-test").err
        for where in ("bucket=b", "bucket=b prefix=a", "bucket=b prefix=a/b/c", "bucket=b prefix=a/bc", "bucket=c")
    }

    refused = "error: copy `two` lies in the place of copy `one`"
    assert [said.startswith(refused) for said in tries.values()] == [True, True, True, False, False]


def test_a_store_that_refuses_who_has_said_nothing_has_the_ways_to_say_it_told(
    tgvault: Run, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: OpenSink) -> None:
        raise SinkPermissionError("nobody comes in without a token", hint="use `tgvault sink login NAME`")

    monkeypatch.setattr(OpenSink, "prepare", refuse)

    without, with_one = (
        tgvault("sink", "add", "cloud", "open", "path=g", environment=environment)
        for environment in ({}, {"GUARD_TOKEN": "wrong-1"})
    )

    assert (without.code, with_one.code) == (102, 102)
    assert "set `$TGVAULT_CREDENTIAL_CLOUD_TOKEN`, or give the sink a `credential_command`" in without.err
    assert "hint: nothing was kept: see that the credential is right" in with_one.err
    assert (tmp_path / "vault.toml").read_text() == before


def test_one_place_by_two_ways_is_found_out_by_looking(
    tgvault: Run, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = partial(plain_volume, tmp_path)
    monkeypatch.setitem(ExternalDiskSink.__init__.__kwdefaults__, "mounted", disk)

    added = tgvault("sink", "add", "drawer", "external-disk", "label=BACKUP", "path=v")
    with (tmp_path / "vault.toml").open("a") as file:
        file.write('[copies.drawer]\ntype = "external-disk"\nlabel = "BACKUP"\npath = "v"\n')
    begun = tgvault("sync", "drawer", "--init")

    assert (added.code, begun.code) == (20, 20)
    assert added.err.startswith("error: copy `drawer` lies in the place of the vault itself")
    assert begun.err.startswith("error: copy `drawer`: it lies in the place of the vault itself")
    assert not list((tmp_path / "v" / "test").iterdir())


def test_a_name_is_given_once(tgvault: Run) -> None:
    tgvault("sink", "add", "disk", "local", "path=d")

    tried = tgvault("sink", "add", "disk", "local", "path=e")

    assert tried.code == 20
    assert "there is a copy `disk`" in tried.err


@keyring
def test_a_login_puts_the_credential_into_the_keyring_and_a_second_one_another(
    person: Run, tgvault: Run, tmp_path: Path, kept: CredentialStore
) -> None:
    tgvault(*ADD, environment=RIGHT)
    without = tgvault("sink", "test", "cloud")

    first = person("sink", "login", "cloud", typed=f"{USER}\n", secrets=["hush-wrong-1", ""])
    wrong = tgvault("sink", "test", "cloud")
    second = person("sink", "login", typed=f"{USER}\n", secrets=[PASSWORD, ""])
    right = tgvault("sink", "test", "cloud")

    assert [each.code for each in (without, first, wrong, second, right)] == [104, 0, 102, 0, 0]
    assert "run `tgvault sink login cloud`" in without.out
    assert first.out == f"the keyring has it as {kept.name}\n"
    assert kept.get() == {"user": USER, "pass-word": PASSWORD}
    for each in (first, wrong, second, right):
        assert PASSWORD not in each.out + each.err
        assert "hush-wrong-1" not in each.out + each.err


@keyring
def test_a_login_in_a_browser_keeps_what_the_store_gives(person: Run, tgvault: Run, kept: CredentialStore) -> None:
    tried = person("sink", "add", "cloud", "browsed", "path=g", secrets=[PASSWORD])

    assert tried.code == 0, tried.err
    assert "https://guard.example/agree" in tried.err
    assert kept.get() == {"user": USER, "pass-word": PASSWORD}


@keyring
def test_a_store_that_gives_only_a_part_is_the_plugins_fault(
    person: Run, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BrowsedSink, "authorize", lambda *_: {"user": USER, "pass-word": ""})

    tried = person("sink", "add", "cloud", "browsed", "path=g")

    assert tried.code == 4
    assert "sink `cloud` did not come by all that it wants to know" in tried.err
    assert (tmp_path / "vault.toml").read_text() == before


@keyring
def test_somebody_who_gives_nothing_is_not_asked_for_ever(person: Run) -> None:
    tried = person(*ADD, typed="\n\n\n")

    assert tried.code == 2
    assert tried.err.count("Nothing was given.") == 3
    assert "nothing was given, 3 times: `user`" in tried.err


@keyring
def test_where_nothing_tells_which_vault_it_is_a_credential_has_no_place(
    tgvault: Run, tmp_path: Path, before: str
) -> None:
    nameless = "".join(line for line in before.splitlines(keepends=True) if not line.startswith("id ="))
    (tmp_path / "vault.toml").write_text(nameless + '[copies.cloud]\ntype = "guarded"\npath = "g"\n')

    login, test = tgvault("sink", "login", "cloud"), tgvault("sink", "test", "cloud")

    assert (login.code, test.code) == (20, 104)
    assert "what the credential of sink `cloud` is to be called in the OS keyring" in login.err
    assert "write the vault's `id` into `[vault]`" in test.out


@keyring
def test_a_variable_that_goes_before_the_keyring_is_told(tgvault: Run) -> None:
    tgvault(*ADD, environment=RIGHT)

    tried = tgvault("sink", "login", "cloud", environment=RIGHT, stdin=f"{USER}\n{PASSWORD}\n")

    assert tried.code == 0, tried.err
    assert "warning: what `$TGVAULT_CREDENTIAL_CLOUD_…` says goes before it" in tried.err


@pytest.mark.parametrize("how", ["terminal", "pipe"])
def test_a_store_that_does_without_is_added_where_nothing_can_be_kept(how: str, person: Run, tgvault: Run) -> None:
    tried = (person if how == "terminal" else tgvault)("sink", "add", "cloud", "open", "path=g")

    assert tried.code == 0, tried.err
    assert "token" not in tried.err
    assert "none is needed" in tgvault("sink", "list").out


@keyring
def test_what_a_store_may_do_without_may_be_left_empty(person: Run, tgvault: Run, kept: CredentialStore) -> None:
    without = person("sink", "add", "cloud", "open", "path=g", secrets=[""])
    empty, nothing = person("sink", "login", secrets=[""]), kept.get()
    given = person("sink", "login", secrets=["hush-token"])

    assert [without.code, empty.code, given.code] == [0, 2, 0]
    assert "nothing was given, and nothing is kept" in empty.err
    assert nothing is None
    assert kept.get() == {"token": "hush-token"}
    assert "the OS keyring" in tgvault("sink", "list").out


def test_a_login_of_what_asks_for_nothing_is_refused(tgvault: Run) -> None:
    primary, any_sink = tgvault("sink", "login", "primary"), tgvault("sink", "login")

    assert (primary.code, any_sink.code) == (2, 2)
    assert "sink `primary` of type `local` does not want to know anything" in primary.err
    assert "say which sink is meant" in any_sink.err


@keyring
def test_half_an_answer_is_named(tgvault: Run, kept: CredentialStore) -> None:
    tgvault(*ADD, environment=RIGHT)

    tried = tgvault("sink", "login", "cloud", stdin=f"{USER}\n")

    assert tried.code == 2
    assert "standard input has no `pass-word` for sink `cloud`" in tried.err
    assert "in this order: `user`, `pass-word`, `token` or an empty one" in tried.err
    assert kept.get() is None


def test_sinks_are_listed_with_where_they_lead_and_where_their_credential_is(tgvault: Run, tmp_path: Path) -> None:
    tgvault("sink", "add", "disk", "local", "path=d")
    tgvault(*ADD, environment=RIGHT)

    shown = tgvault("sink", "list", environment=RIGHT)
    listed = json.loads(tgvault("--json", "sink", "list").out)["sinks"]

    disk = shown.out.splitlines()[2].split()
    assert disk == ["disk", "local", str(tmp_path / "d"), "none", "is", "needed", "local", "no"]
    assert "$TGVAULT_CREDENTIAL_CLOUD_…" in shown.out
    assert PASSWORD not in shown.out + shown.err
    assert [each["name"] for each in listed] == ["primary", "disk", "cloud"]
    cloud = listed[2]
    assert (cloud["place"], cloud["medium"], cloud["offsite"]) == (str(tmp_path / "g"), "guarded folder", True)
    assert (cloud["needs"], cloud["credential"]) == (["user", "pass-word"], None)
    assert "nothing says it" in cloud["problem"]


def test_a_sink_that_cannot_be_made_is_listed_with_its_problem(tgvault: Run, tmp_path: Path) -> None:
    with (tmp_path / "vault.toml").open("a") as file:
        file.write('[copies.odd]\ntype = "nonsense"\n[copies.bad]\ntype = "local"\n')

    tried = tgvault("sink", "list")

    assert tried.code == 0
    assert "problem: no plugin brings the sink `nonsense`" in tried.err
    assert "problem: `path` is missing in `[copies.bad]`" in tried.err


def test_all_sinks_are_tried_out_and_one_that_is_away_keeps_no_other_waiting(tgvault: Run, tmp_path: Path) -> None:
    with (tmp_path / "vault.toml").open("a") as file:
        file.write(
            '[copies.away]\ntype = "external-disk"\nlabel = "NOWHERE"\n[copies.disk]\ntype = "local"\npath = "d"\n'
        )
    (tmp_path / "d").mkdir()

    all_, some = tgvault("--json", "sink", "test"), tgvault("sink", "test", "disk", "primary", "disk")

    reports = json.loads(all_.out)["sinks"]
    assert [(each["sink"], each["ok"]) for each in reports] == [("primary", True), ("away", False), ("disk", True)]
    assert all_.code == reports[1]["trials"][0]["code"] >= 100
    assert some.code == 0
    told = [line for line in some.out.splitlines() if not line.startswith(" ")]
    assert told == ["disk: all is well", "primary: all is well"]


def test_a_vault_in_which_a_store_was_tried_out_is_whole(tgvault: Run) -> None:
    tgvault("sink", "test")

    assert tgvault("verify").code == 0


@keyring
def test_a_copy_that_is_removed_leaves_its_objects_and_takes_its_credential_along(
    tgvault: Run, tmp_path: Path, before: str, kept: CredentialStore
) -> None:
    tgvault(*ADD, stdin=f"{USER}\n{PASSWORD}\n")
    tgvault("sync", "cloud", "--init")
    objects = on_disk(tmp_path / "g")

    tried = tgvault("sink", "remove", "cloud")

    assert tried.code == 0, tried.err
    assert (tmp_path / "vault.toml").read_text() == before
    assert kept.get() is None
    assert on_disk(tmp_path / "g") == objects != b""
    assert f"it led to {tmp_path / 'g'}" in tried.out
    assert f"the keyring has forgotten its credential {kept.name}" in tried.out
    assert "were not touched" in tried.err


@keyring
def test_a_credential_with_a_name_of_its_own_is_shared_and_stays(tgvault: Run) -> None:
    tgvault(*ADD, "credential=ours", stdin=f"{USER}\n{PASSWORD}\n")
    added = tgvault("sink", "add", "more", "guarded", "path=h", "credential=ours")

    tried = tgvault("sink", "remove", "cloud")

    assert (added.code, tried.code) == (0, 0), added.err + tried.err
    assert CredentialStore("ours").get() == {"user": USER, "pass-word": PASSWORD}
    assert "The keyring keeps the credential ours, which other sinks may use." in tried.err


@keyring
def test_a_credential_that_another_sink_names_stays(tgvault: Run, kept: CredentialStore) -> None:
    tgvault(*ADD, stdin=f"{USER}\n{PASSWORD}\n")
    tgvault("sink", "add", "more", "guarded", "path=h", f"credential={kept.name}")

    tgvault("sink", "remove", "cloud")

    assert kept.get() == {"user": USER, "pass-word": PASSWORD}


def test_a_copy_whose_plugin_is_gone_can_be_removed(tgvault: Run, tmp_path: Path, before: str) -> None:
    (tmp_path / "vault.toml").write_text(before + '\n[copies.odd]\ntype = "nonsense"\n')

    tried = tgvault("--json", "sink", "remove", "odd")

    assert tried.code == 0, tried.err
    assert json.loads(tried.out) == {"name": "odd", "place": None, "forgotten": None}
    assert (tmp_path / "vault.toml").read_text() == before


def test_the_vaults_own_sink_is_not_removed(tgvault: Run) -> None:
    primary, unknown = tgvault("sink", "remove", "primary"), tgvault("sink", "remove", "dsk")

    assert (primary.code, unknown.code) == (2, 20)
    assert "that is the vault's own sink" in primary.err
