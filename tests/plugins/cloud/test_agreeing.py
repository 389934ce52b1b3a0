"""Signing in to drives: in a browser, on another device, by a code that is copied; at a provider on this machine."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from threading import Thread
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from cloud_support import Waiting
from servers.stub import NO_ANSWER, Answer, Asked, Stub
from tgvault.api import Authorizing, Credential, SinkError, SinkPermissionError, SinkUnavailableError
from tgvault_plugins.cloud import DriveConfig, DropboxSink, GdriveSink, OnedriveSink
from tgvault_plugins.cloud.agreeing import Question, in_browser
from tgvault_plugins.cloud.drives import DriveSink
from tgvault_plugins.cloud.patience import FaultError
from tgvault_plugins.cloud.provider import DROPBOX, GOOGLE, MICROSOFT, Client, Provider
from tgvault_plugins.cloud.redirect import Redirect
from tgvault_plugins.cloud.tokens import Tokens, refreshing

CLIENT = Client("app", "hunter2")
SECRETS = ("hunter2", "lasting-token", "the-code", "short-token", "device-secret")


class FakeProvider:
    """Gives tokens for the right code and verifier, as RFC 6749, 7636, 8628 say; `device` are its answers to come."""

    def __init__(self) -> None:
        self.challenge = ""
        self.redirect: str | None = None
        self.device: list[dict[str, object]] = []
        self.answer: Answer | None = None
        self.expires_in = 3_600
        self.stub = Stub(self._answered)

    @property
    def provider(self) -> Provider:
        address = self.stub.address
        return Provider(
            "Tester", f"{address}/ask", f"{address}/token", "files", f"{address}/device", {"prompt": "consent"}
        )

    def _answered(self, asked: Asked) -> Answer:
        if self.answer is not None:
            return self.answer
        form = asked.form
        assert (form["client_id"], form.get("client_secret")) == ("app", "hunter2")
        if asked.path == "/device":
            return _json(
                {
                    "device_code": "device-secret",
                    "user_code": "ABCD-EFGH",
                    "verification_uri": "https://example.org/device",
                    "interval": 5,
                    "expires_in": 60,
                }
            )
        return getattr(self, "_" + form["grant_type"].rpartition(":")[2])(form)  # type: ignore[no-any-return]

    def _authorization_code(self, form: dict[str, str]) -> Answer:
        verified = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if form["code"] != "the-code" or verified != self.challenge or form.get("redirect_uri") != self.redirect:
            return _json({"error": "invalid_grant", "error_description": "the-code hunter2"}, 400)
        return _json({"access_token": "short-token", "refresh_token": "lasting-token", "expires_in": 3_600})

    def _device_code(self, form: dict[str, str]) -> Answer:
        assert form["device_code"] == "device-secret"
        answer = self.device.pop(0)
        return _json(answer, 400 if "error" in answer else 200)

    def _refresh_token(self, form: dict[str, str]) -> Answer:
        if form["refresh_token"] != "lasting-token":
            return _json({"error": "invalid_grant"}, 400)
        return _json({"access_token": "short-token", "expires_in": self.expires_in})


class Person:
    """Answers questions, and does in the browser what the test says; remembers all that was shown."""

    def __init__(
        self, provider: FakeProvider, *answers: str, browser: Callable[[Person, str], None] | None = None
    ) -> None:
        self._provider = provider
        self._answers = list(answers)
        self._browser = browser or agree
        self.shown: list[str] = []
        self.pages: list[int] = []

    def tell(self, text: str) -> None:
        self.shown.append(text)

    def ask(self, question: str) -> str:
        self.shown.append(question)
        return self._answers.pop(0)

    ask_secret = ask

    def show_code(self, text: str) -> None:
        raise AssertionError(text)

    def browse(self, address: str) -> None:
        self.shown.append(address)
        fields = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        self._provider.challenge = fields.get("code_challenge", "")
        self._provider.redirect = fields.get("redirect_uri")
        Thread(target=self._browser, args=(self, address), daemon=True).start()

    def visit(self, address: str) -> None:
        """Open a page; it is one of ours."""
        with suppress(OSError):
            try:
                with urlopen(address, timeout=5) as page:
                    self.pages.append(page.status)
            except HTTPError as exc:
                self.pages.append(exc.code)


def fields_of(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def agree(person: Person, address: str) -> None:
    fields = fields_of(address)
    if "redirect_uri" in fields:
        person.visit(fields["redirect_uri"] + "/?" + urlencode({"code": "the-code", "state": fields["state"]}))


def refuse(person: Person, address: str) -> None:
    fields = fields_of(address)
    person.visit(fields["redirect_uri"] + "/?" + urlencode({"error": "access_denied", "state": fields["state"]}))


def be_attacked(person: Person, address: str) -> None:
    """Other pages in the browser try to bring an answer of their own, before the person agrees."""
    redirect = fields_of(address)["redirect_uri"]
    for rest in ("", "favicon.ico", "?code=theirs", "?code=theirs&state=", "?code=theirs&state=guessed", "x?code=a"):
        person.visit(f"{redirect}/{rest}")
    agree(person, address)


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


@pytest.fixture
def given() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with fake.stub:
        yield fake


def signed_in(cls: type[DriveSink], fake: FakeProvider, waiting: Waiting | None = None, **known: str) -> DriveSink:
    sink = cls(DriveConfig(), provider=fake.provider, patience=(Waiting() if waiting is None else waiting).patience)
    if known:
        sink.use(Credential({key.replace("_", "-"): value for key, value in known.items()}))
    return sink


def told_by(error: BaseException | None) -> str:
    """All words of an error and of those that led to it."""
    if error is None:
        return ""
    hint = getattr(error, "hint", None)
    return f"{error} {error!r} {hint} {told_by(error.__cause__)} {told_by(error.__context__)}"


def nothing_secret(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


def test_all_three_drives_can_be_signed_in_to() -> None:
    for cls in (GdriveSink, DropboxSink, OnedriveSink):
        sink = cls(DriveConfig())

        assert isinstance(sink, Authorizing)
        assert [each.name for each in sink.credential_fields()] == ["client-id", "client-secret", "refresh-token"]


def test_least_is_asked_for_at_addresses_that_are_safe() -> None:
    for provider in (GOOGLE, MICROSOFT, DROPBOX):
        for address in (provider.authorize, provider.token, provider.device or provider.token):
            assert address.startswith("https://")
    assert GOOGLE.scope == "https://www.googleapis.com/auth/drive.file"
    assert MICROSOFT.scope == "Files.ReadWrite offline_access"
    assert "sharing" not in DROPBOX.scope


def test_in_a_browser_on_this_machine(given: FakeProvider) -> None:
    person = Person(given, "app", "hunter2", "yes")

    values = signed_in(GdriveSink, given).authorize(person)

    assert values == {"client-id": "app", "client-secret": "hunter2", "refresh-token": "lasting-token"}
    asked = fields_of(person.shown[-1])
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "files"
    assert len(asked["state"]) >= 43
    assert nothing_secret(" ".join(person.shown))
    assert person.pages == [200]


def test_the_app_that_is_known_already_is_not_asked_for(given: FakeProvider) -> None:
    person = Person(given, "y")

    values = signed_in(GdriveSink, given, client_id="app", client_secret="hunter2").authorize(person)

    assert values["refresh-token"] == "lasting-token"


def test_answers_that_others_bring_are_passed_by(given: FakeProvider) -> None:
    person = Person(given, "app", "hunter2", "yes", browser=be_attacked)

    values = signed_in(GdriveSink, given).authorize(person)

    assert values["refresh-token"] == "lasting-token"
    assert person.pages == [404, 404, 404, 404, 404, 404, 200]


def test_each_question_has_secrets_of_its_own() -> None:
    provider = Provider("Tester", "https://a", "https://b", "files")
    first, second = Question(provider, CLIENT), Question(provider, CLIENT)

    assert first.state != second.state
    assert first.verifier != second.verifier
    assert first.verifier not in first.address("http://127.0.0.1:1")
    assert first.state not in repr(first)
    assert "hunter2" not in f"{first!r} {CLIENT!r}"


def test_who_does_not_agree_is_told_so(given: FakeProvider) -> None:
    with pytest.raises(SinkPermissionError, match="access was not given in the browser"):
        signed_in(GdriveSink, given).authorize(Person(given, "app", "hunter2", "yes", browser=refuse))


def test_who_does_not_answer_is_not_waited_for_forever(given: FakeProvider) -> None:
    person = Person(given, browser=lambda person, address: None)

    with pytest.raises(SinkPermissionError, match="nobody answered in the browser in time"):
        in_browser(Question(given.provider, CLIENT), person, seconds=0.05)


def test_nobody_listens_once_the_answer_is_there() -> None:
    with Redirect(host="127.0.0.1", state="s") as redirect:
        address = redirect.address

    with pytest.raises(URLError):
        urlopen(address, timeout=1)


def test_a_code_for_another_question_gives_nothing_and_is_not_shown(given: FakeProvider) -> None:
    def cheat(person: Person, address: str) -> None:
        given.challenge = "other"
        agree(person, address)

    with pytest.raises(SinkPermissionError, match="Tester gives no lasting access") as caught:
        signed_in(GdriveSink, given).authorize(Person(given, "app", "hunter2", "yes", browser=cheat))

    assert nothing_secret(told_by(caught.value))


def test_on_another_device(given: FakeProvider) -> None:
    waiting = Waiting()
    given.device = [
        {"error": "authorization_pending"},
        {"error": "slow_down"},
        {"access_token": "short-token", "refresh_token": "lasting-token"},
    ]
    person = Person(given, "app", "hunter2", "no")

    values = signed_in(GdriveSink, given, waiting).authorize(person)

    assert values["refresh-token"] == "lasting-token"
    assert waiting == [5, 5, 10]
    assert "ABCD-EFGH" in person.shown[-2]
    assert person.shown[-1] == "https://example.org/device"
    assert nothing_secret(" ".join(person.shown))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([{"error": "access_denied"}], "access was not given at Tester"),
        ([{"error": "authorization_declined"}], "access was not given at Tester"),
        ([{"error": "expired_token"}], "nobody entered the code in time"),
        ([{"error": "authorization_pending"}] * 12, "nobody entered the code in time"),
        ([{"error": "invalid_client"}], "Tester refuses the app: `invalid_client`"),
        ([{"error": "short-token <b>"}], "for no reason that it tells"),
        ([{"access_token": "short-token"}], "gives no lasting access"),
    ],
)
def test_another_device_that_does_not_agree(given: FakeProvider, answers: list[dict[str, object]], told: str) -> None:
    given.device = answers

    with pytest.raises(SinkPermissionError, match=told) as caught:
        signed_in(GdriveSink, given).authorize(Person(given, "app", "hunter2", "no"))

    assert nothing_secret(f"{caught.value} {caught.value.hint}")


def test_dropbox_shows_a_code_that_is_copied(given: FakeProvider) -> None:
    fake = given.provider
    provider = Provider("Dropbox", fake.authorize, fake.token, "files", extra=DROPBOX.extra)
    sink = DropboxSink(DriveConfig(), provider=provider)
    sink.use(Credential({"client-id": "app", "client-secret": "hunter2"}))
    person = Person(given, "the-code")

    values = sink.authorize(person)

    assert values["refresh-token"] == "lasting-token"
    asked = fields_of(person.shown[0])
    assert "redirect_uri" not in asked
    assert asked["token_access_type"] == "offline"


def test_an_app_without_a_secret_sends_none(given: FakeProvider) -> None:
    stub = Stub(lambda asked: _json({"refresh_token": "lasting-token"}))
    with stub:
        provider = Provider("Dropbox", "https://a", f"{stub.address}/token", "files")
        sink = DropboxSink(DriveConfig(), provider=provider)
        values = sink.authorize(Person(given, "app", "the-code"))

    assert values == {"client-id": "app", "refresh-token": "lasting-token"}
    assert "client_secret" not in stub.asked[0].form


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (NO_ANSWER, SinkUnavailableError),
        (Answer(500, b"{}"), SinkUnavailableError),
        (Answer(200, b"<html>"), SinkError),
        (Answer(302, b"{}", {"Location": "http://127.0.0.1:9/"}), SinkError),
        (Answer(200, b"[]"), SinkError),
    ],
)
def test_a_provider_that_makes_no_sense_is_told_of(given: FakeProvider, answer: Answer, error: type[SinkError]) -> None:
    given.answer = answer

    with pytest.raises(error, match="Tester") as caught:
        signed_in(GdriveSink, given).authorize(Person(given, "app", "hunter2", "no"))

    assert nothing_secret(told_by(caught.value))
    assert len(given.stub.asked) == 1


def test_a_token_is_fetched_once_while_it_is_good(given: FakeProvider) -> None:
    now = [1_000.0]
    tokens = Tokens(given.provider, refreshing(CLIENT, "lasting-token"), now=lambda: now[0])

    first = [tokens.access(), tokens.access()]
    now[0] += 3_000
    tokens.access()

    assert first == ["short-token", "short-token"]
    assert len(given.stub.asked) == 2
    assert nothing_secret(repr(tokens))


def test_a_token_that_is_good_for_a_moment_is_used_for_that(given: FakeProvider) -> None:
    given.expires_in = 30
    tokens = Tokens(given.provider, refreshing(CLIENT, "lasting-token"), now=lambda: 0.0)

    assert [tokens.access(), tokens.access()] == ["short-token", "short-token"]

    assert len(given.stub.asked) == 1


def test_access_that_was_ended_is_told_with_the_way_out(given: FakeProvider) -> None:
    sink = signed_in(GdriveSink, given, client_id="app", client_secret="hunter2", refresh_token="stale")

    with pytest.raises(SinkPermissionError, match="Tester gives no access any more") as caught:
        sink.check_place()

    assert "`tgvault sink login NAME`" in str(caught.value.hint)
    assert nothing_secret(told_by(caught.value))


def test_a_provider_that_is_away_is_tried_again(given: FakeProvider) -> None:
    given.answer = NO_ANSWER
    waiting = Waiting()
    known = {"client_id": "app", "client_secret": "hunter2", "refresh_token": "lasting-token"}

    with pytest.raises(SinkUnavailableError, match="cannot be reached"):
        signed_in(GdriveSink, given, waiting, **known).check_place()

    assert len(given.stub.asked) == 6
    assert len(waiting) == 5


def test_a_fault_is_no_token(given: FakeProvider) -> None:
    given.answer = _json({"expires_in": 3_600})

    with pytest.raises(FaultError):
        Tokens(given.provider, refreshing(CLIENT, "lasting-token")).access()
