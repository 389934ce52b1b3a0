"""Amounts of money, written for people."""

from __future__ import annotations

__all__ = ["cost"]

_SIGNS = {"EUR": "€", "GBP": "£", "ILS": "₪", "INR": "₹", "JPY": "¥", "KRW": "₩", "THB": "฿", "USD": "$", "VND": "₫"}
#: Digits behind the point where they are not two (Telegram: list of currencies for payments).
_DIGITS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND"), 0) | dict.fromkeys(("BHD", "IQD", "JOD"), 3)
#: Telegram's own currency, and the sign for it.
_STARS, _STAR = "XTR", "\N{WHITE MEDIUM STAR}"


def cost(amount: int, currency: str) -> str:
    """Write an amount in the currency's smallest unit as a price: `€5.00`, `⭐1,000`.

    Telegram Desktop puts the sign and the separators where the currency's country has them; this does not.
    """
    if currency == _STARS:
        return f"{_STAR}{abs(amount):,}"
    digits = _DIGITS.get(currency, 2)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{_SIGNS.get(currency, currency)}{whole:,}" + (f".{rest:0{digits}}" if digits else "")
