"""Checks of settings that several sinks have."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["check_address", "check_folder", "check_word"]

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_LONGEST = 200
_REFUSED = re.compile(r'[\\:*?"<>|]')


def check_word(text: str, key: str) -> None:
    """Refuse what no bucket, region or account is called.

    Raises:
        ValueError: it has other signs than letters, digits, dots, dashes and underscores.
    """
    if not _WORD.fullmatch(text) or ".." in text:
        raise ValueError(f"expected `{key}` to be of letters, digits, dots and dashes, without `/`")


def check_folder(text: str, key: str, *, whole: bool = False) -> None:
    """Refuse what is not a folder, or leads out of it; with `whole`, nothing at all stands for everything.

    Raises:
        ValueError: a part of it is empty, `.` or `..`, or has signs that some store does not take.
    """
    if whole and not text:
        return
    if len(text) > _LONGEST:
        raise ValueError(f"expected `{key}` to have {_LONGEST} characters at most, not {len(text)}")
    if refused := _REFUSED.search(text):
        raise ValueError(f"expected `{key}` without `{refused[0]}`, which some stores do not take")
    if not all(_is_name(part) for part in text.split("/")):
        raise ValueError(
            f"expected `{key}` to be a folder such as `backups/telegram`, without `..`, and without `/` at its ends"
        )


def check_address(text: str | None, key: str, *, path: bool = False, shows_password: bool = False) -> None:
    """Refuse what is no address of a server, or has a user, a password or a question in it.

    Raises:
        ValueError: it is none, or with `shows_password` it is one at which others in the network read the password.
    """
    if text is None:
        return
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https") or not text.isprintable() or " " in text:
        raise ValueError(f"expected `{key}` to be an address such as `https://s3.example.org`")
    if "@" in parts.netloc:
        raise ValueError(f"expected `{key}` without user and password; `tgvault sink login` asks for them")
    if parts.query or parts.fragment or "?" in text or "#" in text or (not path and parts.path not in ("", "/")):
        raise ValueError(f"expected `{key}` to end with {'the path' if path else 'the server'}, and nothing behind it")
    if shows_password and parts.scheme == "http" and not _is_near(host):
        raise ValueError(f"expected `{key}` to begin with `https://`: without, everybody on the way reads the password")


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and part == part.strip() and part.isprintable()


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa"))
