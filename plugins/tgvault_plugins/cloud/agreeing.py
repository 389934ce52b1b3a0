"""Having a person agree that tgvault may use a drive: in a browser here, on another device, or by a code to copy.

The flows of OAuth 2 for programs that people install: RFC 8252 with PKCE (RFC 7636), and RFC 8628 for other devices.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import urlencode

from tgvault.api import Conversation, SinkPermissionError
from tgvault_plugins.cloud.posting import Reply, post
from tgvault_plugins.cloud.provider import Client, Provider
from tgvault_plugins.cloud.redirect import LIMIT, Redirect
from tgvault_plugins.cloud.tokens import refresh_token, text

__all__ = ["Question", "in_browser", "on_device", "with_code"]

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: Seconds between two questions to the provider whether the person has agreed, where it does not say.
_PAUSE = 5.0
#: Seconds by which the pause grows when the provider finds it too short.
_SLOWER = 5.0


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a person, with two secrets of its own: what only the right answer has, and what only we have."""

    provider: Provider
    client: Client
    state: str = field(default_factory=lambda: token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: token_urlsafe(64), repr=False)

    def address(self, redirect: str | None) -> str:
        """Where the person is asked."""
        challenge = urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        form = {
            "response_type": "code",
            "client_id": self.client.id,
            "scope": self.provider.scope,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"redirect_uri": redirect, "state": self.state} if redirect else {}),
            **self.provider.extra,
        }
        return f"{self.provider.authorize}?{urlencode(form)}"

    def exchanged(self, code: str, redirect: str | None) -> str:
        """Give the lasting token for the code that the person's agreement gave; raises as `refresh_token` does."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": self.verifier,
            **({"redirect_uri": redirect} if redirect else {}),
            **self.client.form,
        }
        return refresh_token(self.provider, post(self.provider.token, form))


def in_browser(question: Question, talk: Conversation, *, seconds: float = LIMIT) -> str:
    """Have the person agree in a browser on this machine; gives the lasting token."""
    with Redirect(host=question.provider.host, state=question.state) as redirect:
        talk.browse(question.address(redirect.address))
        code = redirect.code(seconds=seconds)
        return question.exchanged(code, redirect.address)


def with_code(question: Question, talk: Conversation) -> str:
    """Have the person agree in any browser and copy the code that is shown there; gives the lasting token."""
    talk.browse(question.address(None))
    return question.exchanged(talk.ask_secret("the code that the page shows at the end"), None)


def on_device(provider: Provider, client: Client, talk: Conversation, *, pause: Callable[[float], None]) -> str:
    """Have the person agree on another device, by a short code; gives the lasting token."""
    asked = post(_device(provider), {**client.form, "scope": provider.scope})
    code = text(asked, "device_code")
    if not code:
        refresh_token(provider, asked)  # says why not
    talk.tell(f"enter this code there: {text(asked, 'user_code')}")
    talk.browse(text(asked, "verification_uri") or text(asked, "verification_url"))
    form = {"grant_type": _DEVICE_GRANT, "device_code": code, **client.form}
    return _polled(provider, form, _number(asked, "interval", _PAUSE), _number(asked, "expires_in", LIMIT), pause)


def _polled(provider: Provider, form: dict[str, str], wait: float, left: float, pause: Callable[[float], None]) -> str:
    while left > 0:
        pause(wait)
        left -= wait
        reply = post(provider.token, form)
        match text(reply, "error"):
            case "authorization_pending":
                pass
            case "slow_down":
                wait += _SLOWER
            case "access_denied" | "authorization_declined":
                raise SinkPermissionError(f"access was not given at {provider.name}", hint="sign in again and agree")
            case "expired_token":
                break
            case _:
                return refresh_token(provider, reply)
    raise SinkPermissionError("nobody entered the code in time", hint="sign in again")


def _device(provider: Provider) -> str:
    assert provider.device is not None
    return provider.device


def _number(reply: Reply, key: str, usual: float) -> float:
    value = reply.get(key)
    return min(float(value), 3_600.0) if isinstance(value, int | float) and value > 0 else usual
