from __future__ import annotations

import pytest
from telethon.tl.types import help as helping

from tgvault_plugins.takeout.convert.phones import PhoneFormat

_COUNTRIES = [
    helping.Country("GB", "United Kingdom", [helping.CountryCode("44", patterns=["XXXX XXXXXX"])]),
    helping.Country("RU", "Russia", [helping.CountryCode("7", patterns=["XXX XXX XXXX"])]),
    helping.Country("KZ", "Kazakhstan", [helping.CountryCode("7", prefixes=["6", "7"], patterns=["XXX XXX XX XX"])]),
    helping.Country("BR", "Brazil", [helping.CountryCode("55", patterns=["XX XXXX XXXX", "99 XXXXX XXXX"])]),
    helping.Country("FT", "Fragment", [helping.CountryCode("888")]),
]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("447400000000", "+44 7400 000000"),
        ("+44 7400 000000", "+44 7400 000000"),
        ("79161234567", "+7 916 123 4567"),
        ("77012345678", "+7 701 234 56 78"),
        ("5599912345678", "+55 99 91234 5678"),
        ("551112345678", "+55 11 1234 5678"),
        ("5511123456789", "+55 11 1234 56789"),
        ("88812345", "+888 12345"),
        ("44", "+44 "),
        ("0123", "0123"),
        ("", ""),
        ("3581234", "3581234"),
    ],
)
def test_a_number_is_written_by_the_patterns_of_its_country(number: str, written: str) -> None:
    assert PhoneFormat.of_countries(_COUNTRIES)(number) == written


@pytest.mark.parametrize(("number", "written"), [("447400", "+447400"), ("+1 2", "+12"), ("01", "01"), ("", "")])
def test_without_patterns_a_number_has_a_plus(number: str, written: str) -> None:
    assert PhoneFormat()(number) == written
