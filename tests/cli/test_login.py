"""Logging in to the account of a source, out of it, and whose it is; the source is a plugin's."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cli.support import Clock, Terminal, Tried
from cli.test_extra import install
from tgvault.cli import asking
from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation
from tgvault.state.lock import writing

Run = Callable[..., Tried]

SECRET = "open-sesame-1234"
CODE = "tg://login?token=AbCdEf"

MAILBOX = """
from typing import Annotated, ClassVar
import msgspec
from tgvault.api import *

class Settings(msgspec.Struct, frozen=True):
    path: Annotated[str, msgspec.Meta(description="The box.")] = "here"

class Mailbox:
    config: ClassVar[type[msgspec.Struct]] = Settings

    def __init__(self, config): ...
    def attach(self, context): self.secrets = context.secrets
    def attach_worker(self, context): ...
    def info(self): ...
    def media(self): ...
    def records(self, starts): ...
    def raw(self, span): ...
    def expand(self, span): ...
    def open_media(self, name): ...
    def close(self): ...

    def reads(self, way): return ["It reads all letters.", f"By {way} it tells nobody."]
    def ways(self):
        if self.secrets.get("session") is not None:
            raise UsageError("somebody is in", hint="log out")
        return [
            LoginWay("qr", "a code", shows_code=True),
            LoginWay("pin", "a number"),
            LoginWay("picture", "a picture"),
            LoginWay("token", "a token"),
        ]

    def login(self, talk, *, way):
        if way in ("qr", "picture"):
            talk.tell("Scan this:")
            talk.show_code("tg://login?token=AbCdEf")
            talk.show_code("tg://login?token=AbCdEf")
        elif way == "token":
            self.secrets.set("session", talk.ask_secret("Token").encode())
        else:
            talk.tell("The box asks: \\x1b[31mwho?")
            name = talk.ask("Name\\x1b[31m")
            self.secrets.set("session", talk.ask_secret("PIN").encode())
            return Who(5, name, (("user name", "@ada"),))
        self.secrets.set("session", b"scanned")
        return Who(5, "Ada")

    def logout(self):
        session = self.secrets.get("session")
        if session is None:
            raise NotSignedInError("nobody is in", hint="log in")
        self.secrets.delete("session")
        return session != b"scanned"

    def whoami(self):
        if self.secrets.get("session") is None:
            raise NotSignedInError("nobody is in", hint="log in")
        return Who(5, "", (("user name", "@ada\\u202e"), ("phone number", "+43")))

@hookimpl
def tgvault_sources():
    return {"mailbox": Mailbox}
"""


@pytest.fixture
def _vault(tmp_path: Path, tgvault: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A vault with a source of an account, and one without."""
    install("mailbox", MAILBOX, site=tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    made = tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit", "--state", "s")
    assert made.code == 0, made.err
    with (tmp_path / "vault.toml").open("a") as file:
        file.write('[sources.box]\ntype = "mailbox"\n[sources.old]\ntype = "desktop-export"\npath = "nowhere"\n')
    yield
    sys.modules.pop("mailbox_plugin", None)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command line at a terminal, where somebody types these lines, and a secret where one is asked for."""

    def run(*arguments: str, typed: str = "", secret: str = SECRET) -> Tried:
        out, err = io.StringIO(), Terminal()
        monkeypatch.setattr(asking.getpass, "getpass", lambda prompt, stream: stream.write(prompt) and secret)
        invocation = Invocation(Terminal(typed), out, err, {}, tmp_path, Clock())
        with redirect_stdout(out), redirect_stderr(err):
            code = execute(arguments, invocation)
        return Tried(code, out.getvalue(), err.getvalue())

    return run


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.usefixtures("_vault")
def test_what_will_be_read_is_said_first_and_the_session_is_nowhere_readable(tmp_path: Path, person: Run) -> None:
    done = person("login", "box", "--by", "pin", typed="Ada\n")

    assert (done.code, done.out) == (0, "box  Ada, id 5\n     user name @ada\n")
    said = done.err.splitlines()
    assert said[:2] == ["It reads all letters.", "By pin it tells nobody."]
    assert said[2] == "The box asks: \\x1b[31mwho?"
    assert said[3].startswith("Name\\x1b[31m: PIN: ")
    assert SECRET not in done.out + done.err
    assert SECRET.encode() not in on_disk(tmp_path)


@pytest.mark.usefixtures("_vault")
def test_the_way_is_asked_for_and_the_first_one_is_the_usual_one(person: Run) -> None:
    done = person("login", "box", typed="\n")

    assert done.code == 0
    assert "  qr     a code\n  pin    a number\n  picture a picture\n  token  a token\nLog in by [qr]: " in done.err
    assert done.err.count(CODE) == 2


@pytest.mark.usefixtures("_vault")
def test_a_new_code_stands_in_the_place_of_the_old_one(person: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    done = person("login", "box", "--by", "qr")

    first, second = done.err.partition("Scan this:\n")[2].partition("logged in\n")[0].split("\x1b[J")
    shown, back = first.rsplit("\x1b[", 1)
    assert back == f"{shown.count(chr(10))}F"
    assert shown == second
    assert "▀" in shown


@pytest.mark.usefixtures("_vault")
def test_a_terminal_that_is_too_narrow_gets_the_link(person: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")

    done = person("login", "box", "--by", "qr")

    assert "too narrow" in done.err
    assert "▀" not in done.err
    # 95 columns of words and 23 of the link, twenty on each line.
    assert "\x1b[7F\x1b[J" in done.err


@pytest.mark.usefixtures("_vault")
def test_where_nobody_can_be_asked_it_says_what_to_do(tgvault: Run) -> None:
    way = tgvault("login", "box")
    question = tgvault("login", "box", "--by", "pin")
    code = tgvault("login", "box", "--by", "qr")
    surprise = tgvault("login", "box", "--by", "picture")

    assert {each.code for each in (way, question, code, surprise)} == {2}
    assert way.err.startswith("error: there is nobody to be asked how to log in")
    assert "error: standard input has no answer to this: Name" in question.err
    assert code.err.startswith("error: there is no terminal to show a QR code on")
    assert "or log in with `--by pin` or `--by picture` or `--by token`; answers are then lines" in code.err
    assert "error: there is no terminal to show a QR code on" in surprise.err
    assert all("hint: run the command in a terminal" in each.err for each in (way, question, code, surprise))


@pytest.mark.usefixtures("_vault")
def test_where_nobody_can_be_asked_answers_are_lines_of_standard_input(tmp_path: Path, tgvault: Run) -> None:
    done = tgvault("login", "box", "--by", "pin", stdin=f" Ada \n{SECRET}\n")

    assert (done.code, done.out) == (0, "box  Ada, id 5\n     user name @ada\n")
    assert SECRET not in done.err
    assert SECRET.encode() not in on_disk(tmp_path)


@pytest.mark.usefixtures("_vault")
@pytest.mark.parametrize(("said", "way"), [("pin", "pin"), ("Pin", "pin"), ("t", "token"), ("pic", "picture")])
def test_the_first_letters_of_a_way_will_do(tgvault: Run, said: str, way: str) -> None:
    done = tgvault("login", "box", "--by", said, stdin=f"Ada\n{SECRET}\n")

    assert f"By {way} it tells nobody." in done.err


@pytest.mark.usefixtures("_vault")
def test_the_way_is_asked_for_again_where_it_is_none_or_one_of_several(person: Run) -> None:
    found = person("login", "box", typed="magic\npi\npin\nAda\n")
    person("logout", "box")
    never = person("login", "box", typed="magic\np\npi\n")

    assert found.code == 0
    assert found.err.count("Log in by [qr]: ") == 3
    assert "there is no way `magic` to log in: say `qr`, `pin`, `picture`, `token`\n" in found.err
    assert never.code == 2
    assert "error: there is no way `pi` to log in\n" in never.err
    assert "It reads" not in never.err


@pytest.mark.usefixtures("_vault")
def test_nothing_is_promised_to_who_is_logged_in_already(person: Run) -> None:
    person("login", "box", "--by", "qr")

    again = person("login", "box")

    assert again.code == 2
    assert again.err.startswith("error: somebody is in\n")


@pytest.mark.usefixtures("_vault")
def test_an_empty_answer_is_no_answer_and_is_asked_for_again(person: Run) -> None:
    given = person("login", "box", "--by", "pin", typed="\n\nAda\n")
    person("logout", "box")
    never = person("login", "box", "--by", "pin", typed="\n\n\nAda\n")
    secret = person("login", "box", "--by", "token", secret="")

    assert (given.code, given.err.count("Nothing was given.")) == (0, 2)
    assert never.code == secret.code == 2
    assert "error: nothing was given, 3 times: Name" in never.err
    assert "error: nothing was given, 3 times: Token\n\nhint: run the command again\n" in secret.err


@pytest.mark.usefixtures("_vault")
def test_a_way_that_there_is_not_is_named_with_those_that_there_are(tgvault: Run) -> None:
    done = tgvault("login", "box", "--by", "magic")

    assert done.code == 2
    assert "error: there is no way `magic` to log in\n\nhint: say `qr`, `pin`, `picture`, `token`" in done.err
    assert "It reads" not in done.err


@pytest.mark.usefixtures("_vault")
@pytest.mark.parametrize("verb", ["login", "logout", "whoami"])
def test_a_source_without_an_account_is_told_from_one_that_there_is_not(tgvault: Run, verb: str) -> None:
    plain = tgvault(verb, "old")
    unknown = tgvault(verb, "bxo")

    assert plain.code == 2
    assert "source `old` of type `desktop-export` reads no account" in plain.err
    assert "hint: `tgvault backup old`" in plain.err
    assert unknown.code == 20
    assert "did you mean `box`?" in unknown.err


@pytest.mark.usefixtures("_vault")
def test_the_only_source_with_an_account_need_not_be_named(tmp_path: Path, person: Run, tgvault: Run) -> None:
    person("login", "--by", "qr")
    who = tgvault("whoami")
    with (tmp_path / "vault.toml").open("a") as file:
        file.write('[sources.second]\ntype = "mailbox"\n')
    several = tgvault("logout")

    assert (who.code, who.out.splitlines()[0]) == (0, "box  without a name, id 5")
    assert several.code == 2
    assert "error: several sources have an account\n\nhint: name one of `box`, `second`" in several.err


@pytest.mark.usefixtures("_vault")
def test_without_any_account_it_says_how_to_have_one(tmp_path: Path, tgvault: Run) -> None:
    text = (tmp_path / "vault.toml").read_text()
    (tmp_path / "vault.toml").write_text(text.replace('[sources.box]\ntype = "mailbox"\n', ""))

    unnamed, named, odd = tgvault("login"), tgvault("login", "phone"), tgvault("login", "my phone")

    assert (unnamed.code, named.code, odd.code) == (20, 20, 20)
    assert "has an account" in unnamed.err
    assert "there is no source `phone`" in named.err
    for each, table in ((unnamed, "phone"), (named, "phone"), (odd, '"my phone"')):
        assert f'hint: add three lines at its end: `[sources.{table}]`, `type = "takeout"` and `api_id' in each.err


@pytest.mark.usefixtures("_vault")
def test_who_it_is_can_be_asked_until_somebody_logs_out(person: Run, tgvault: Run) -> None:
    before = tgvault("whoami", "box")
    person("login", "box", "--by", "pin", typed="Ada\n")
    during = tgvault("whoami", "box")
    document = tgvault("whoami", "box", "--json")
    out = tgvault("logout", "box")
    after = tgvault("logout", "box")

    assert (before.code, after.code) == (86, 86)
    assert (during.code, during.out) == (
        0,
        "box  without a name, id 5\n     user name @ada\\u202e\n     phone number +43\n",
    )
    assert json.loads(document.out) == {
        "source": "box",
        "id": 5,
        "name": "",
        "details": [{"name": "user name", "value": "@ada\u202e"}, {"name": "phone number", "value": "+43"}],
    }
    assert (out.code, out.out, out.err) == (0, "box  logged out\n", "")


@pytest.mark.usefixtures("_vault")
def test_a_session_that_could_not_be_ended_there_is_told_of(person: Run, tgvault: Run) -> None:
    person("login", "box", "--by", "qr")

    done = tgvault("logout", "box", "--json")

    assert done.code == 0
    assert json.loads(done.out) == {"source": "box", "told": False}
    assert "warning: the other side could not be told" in done.err


@pytest.mark.usefixtures("_vault")
def test_a_secret_may_come_from_a_pipe(tmp_path: Path, tgvault: Run) -> None:
    done = tgvault("login", "box", "--by", "token", stdin=f"{SECRET}\n")

    assert (done.code, done.out) == (0, "box  Ada, id 5\n")
    assert SECRET not in done.err
    assert SECRET.encode() not in on_disk(tmp_path)


@pytest.mark.usefixtures("_vault")
def test_nothing_is_said_where_nothing_is_wanted(person: Run) -> None:
    done = person("-q", "login", "box", "--by", "pin", "--json", typed="Ada\n")

    assert json.loads(done.out)["name"] == "Ada"
    assert "letters" not in done.err
    assert "logged in" not in done.err


@pytest.mark.usefixtures("_vault")
def test_one_vault_is_written_to_by_one_command_at_a_time(tmp_path: Path, person: Run, tgvault: Run) -> None:
    person("login", "box", "--by", "qr")
    lock = next((tmp_path / "s").glob(f"{'?' * 32}.lock"))

    with writing(lock):
        busy = tgvault("logout", "box")
        asked = tgvault("whoami", "box")

    assert (busy.code, asked.code) == (71, 0)
