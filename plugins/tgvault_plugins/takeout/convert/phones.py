"""Telephone numbers, written for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = ["PhoneFormat"]


class _Code(NamedTuple):
    code: str
    prefix: str
    patterns: tuple[str, ...]


class PhoneFormat:
    """Writes numbers as Telegram's apps do, by the patterns that Telegram gives for each country.

    Without patterns a number is written with a plus sign and no spaces.
    """

    def __init__(self, codes: Iterable[_Code] = ()) -> None:
        self._codes = tuple(codes)

    @classmethod
    def of_countries(cls, countries: Iterable[Any]) -> PhoneFormat:
        """Take the patterns from the countries of the answer to `help.getCountriesList`."""
        return cls(
            _Code(code.country_code, prefix, tuple(code.patterns or ()))
            for country in countries
            for code in country.country_codes or ()
            for prefix in code.prefixes or ("",)
        )

    def __call__(self, number: str) -> str:
        """Write a number; one that begins with a zero, or of no country, stays as it is."""
        if not number or number.startswith("0"):
            return number
        digits = number.replace(" ", "").removeprefix("+")
        if not self._codes:
            return f"+{digits}"
        fitting = [code for code in self._codes if digits.startswith(code.code + code.prefix)]
        if not fitting:
            return digits
        best = max(fitting, key=lambda code: len(code.code) + len(code.prefix))
        return f"+{best.code} {_grouped(digits[len(best.code) :], best.patterns)}"


def _grouped(digits: str, patterns: Iterable[str]) -> str:
    best, most = digits, 0
    for pattern in patterns:
        found = _by(pattern, digits)
        if found is not None and found[1] >= most:
            best, most = found
    return best


def _by(pattern: str, digits: str) -> tuple[str, int] | None:
    """Write digits in groups by a pattern such as `44 XXX XXX`; also how many of its digits they have."""
    out, at, matched = "", 0, 0
    for digit in digits:
        while at < len(pattern) and pattern[at] != "X" and not pattern[at].isdigit():
            out += pattern[at]
            at += 1
        if at < len(pattern) and pattern[at] != "X":
            if pattern[at] != digit:
                return None
            matched += 1
        out += digit
        at += 1
    return out, matched
