"""`auth.*`: logging in and out: https://core.telegram.org/api/auth ."""

from __future__ import annotations

import copy
import os

from telethon.tl import functions, types

from tgvault.testing.telegram.auth_keys import AuthKey
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__ = ["as_self", "enter", "log_in"]


def as_self(asked: Invocation, user_id: int) -> types.User:
    """Give a user as they see themselves."""
    user = copy.copy(asked.account.directory.users[user_id])
    user.is_self = True
    return user


def log_in(asked: Invocation, user_id: int) -> types.auth.Authorization:
    """Let the client be somebody from now on."""
    asked.key.user_id, asked.key.waiting_user_id = user_id, None
    return types.auth.Authorization(as_self(asked, user_id))


def enter(asked: Invocation, user_id: int) -> types.auth.Authorization:
    """Log in, or ask for the password first."""
    if asked.account.password is None:
        return log_in(asked, user_id)
    asked.key.waiting_user_id = user_id
    raise Refusal("SESSION_PASSWORD_NEEDED")


def _digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))


@answers(functions.auth.SendCodeRequest, functions.auth.ResendCodeRequest, login=False)
def send_code(asked: Invocation) -> types.auth.SentCode:
    """Send the code, or the client to the account's home."""
    if _digits(asked.request.phone_number) != _digits(asked.account.phone):
        raise Refusal("PHONE_NUMBER_INVALID")
    if asked.dc != asked.account.dc:
        raise Refusal(f"PHONE_MIGRATE_{asked.account.dc}")
    sent = os.urandom(9).hex()
    asked.world.logins.codes[sent] = _digits(asked.request.phone_number)
    return types.auth.SentCode(types.auth.SentCodeTypeApp(len(asked.account.code)), sent)


@answers(functions.auth.SignInRequest, login=False)
def sign_in(asked: Invocation) -> types.auth.Authorization:
    """Check the code."""
    request = asked.request
    if asked.world.logins.codes.get(request.phone_code_hash) != _digits(request.phone_number):
        raise Refusal("PHONE_CODE_EXPIRED")
    if not request.phone_code:
        raise Refusal("PHONE_CODE_EMPTY")
    if request.phone_code != asked.account.code:
        raise Refusal("PHONE_CODE_INVALID")
    return enter(asked, asked.account.self_id)


@answers(functions.auth.LogOutRequest, bots=True)
def log_out(asked: Invocation) -> types.auth.LoggedOut:
    """End it; the key stays and belongs to nobody."""
    _end(asked.key)
    return types.auth.LoggedOut()


@answers(functions.auth.ResetAuthorizationsRequest)
def reset_authorizations(asked: Invocation) -> bool:
    """End all others."""
    for key in asked.world.keys.all():
        if key is not asked.key:
            _end(key)
    return True


def _end(key: AuthKey) -> None:
    key.user_id = None
    key.ended = "AUTH_KEY_UNREGISTERED"


@answers(functions.auth.ImportBotAuthorizationRequest, login=False)
def import_bot(asked: Invocation) -> types.auth.Authorization:
    """Log a bot in by its token."""
    user_id = asked.account.bot_tokens.get(asked.request.bot_auth_token)
    if user_id is None:
        raise Refusal("ACCESS_TOKEN_INVALID")
    if asked.dc != asked.account.dc:
        raise Refusal(f"USER_MIGRATE_{asked.account.dc}")
    return log_in(asked, user_id)


@answers(functions.auth.ExportAuthorizationRequest, bots=True)
def export_authorization(asked: Invocation) -> types.auth.ExportedAuthorization:
    """Give what another data centre takes for a login."""
    if asked.request.dc_id == asked.dc or asked.request.dc_id not in asked.world.places:
        raise Refusal("DC_ID_INVALID")
    return types.auth.ExportedAuthorization(*asked.world.export(asked.user_id))


@answers(functions.auth.ImportAuthorizationRequest, login=False)
def import_authorization(asked: Invocation) -> types.auth.Authorization:
    """Take what another data centre gave, once."""
    user_id = asked.world.exported.pop((asked.request.id, asked.request.bytes), None)
    if user_id is None:
        raise Refusal("AUTH_BYTES_INVALID")
    return log_in(asked, user_id)


@answers(functions.auth.ExportLoginTokenRequest, login=False)
def export_login_token(asked: Invocation) -> Tl:
    """Give the token for the QR code, or tell that somebody accepted it."""
    token = asked.world.logins.show(asked.key.id, dc=asked.dc)
    if not token.accepted:
        return types.auth.LoginToken(asked.world.logins.expires(), token.token)
    if asked.dc != asked.account.dc:
        return types.auth.LoginTokenMigrateTo(asked.account.dc, token.token)
    return _accepted(asked)


@answers(functions.auth.ImportLoginTokenRequest, login=False)
def import_login_token(asked: Invocation) -> Tl:
    """Log in at the account's home with a token that was accepted at another data centre."""
    token = asked.world.logins.find(asked.request.token)
    if token is None or not token.accepted:
        raise Refusal("AUTH_TOKEN_INVALID")
    return _accepted(asked)


def _accepted(asked: Invocation) -> types.auth.LoginTokenSuccess:
    return types.auth.LoginTokenSuccess(enter(asked, asked.account.self_id))


@answers(functions.auth.AcceptLoginTokenRequest)
def accept_login_token(asked: Invocation) -> types.Authorization:
    """Accept the login of another client that shows the token."""
    token = asked.world.logins.find(asked.request.token)
    if token is None:
        raise Refusal("AUTH_TOKEN_INVALID")
    token.accepted = True
    key = asked.world.keys.find(token.key_id, dc=token.dc)
    if key is not None:
        asked.world.push(key, types.UpdateLoginToken())
    return asked.account.has.authorizations[0]
