from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.cuts import Cuts, Key
from tgvault.crypto.keyed import IdKey

A_KEY = IdKey(b"a" * 32)
INT64 = st.integers(-(2**63), 2**63 - 1)
KEYS = INT64 | st.text(max_size=40)


def specified(key: Key, id_key: IdKey) -> int:
    """h(k) as docs/internals/vault-format.md writes it."""
    c = id_key.cut_key()
    k = key % 2**64 if isinstance(key, int) else int.from_bytes(id_key.blob_id(key.encode())[:8], "little")
    once = (k * c % 2**64) ^ ((k * c % 2**64) >> 32)
    return (once * c % 2**64) >> 32


@given(KEYS)
def test_a_leaf_starts_where_the_format_says(key: Key) -> None:
    cuts = Cuts(A_KEY, per_leaf=256)

    assert cuts.before(key) == (specified(key, A_KEY) % 256 == 0)


@given(st.lists(INT64, max_size=300))
def test_the_cuts_among_many_ids_are_those_of_each(ids: list[int]) -> None:
    cuts = Cuts(A_KEY, per_leaf=16)

    assert cuts.among(ids) == [at for at, number in enumerate(ids) if cuts.before(number)]


@given(KEYS, st.integers(1, 6))
def test_a_page_starts_where_the_format_says(key: Key, level: int) -> None:
    cuts = Cuts(A_KEY, per_leaf=32)

    assert cuts.page_before(key, level) == (specified(key, A_KEY) // (32 * 32 ** (level - 1)) % 32 == 0)


def test_of_consecutive_ids_about_one_in_256_starts_a_segment() -> None:
    cuts = Cuts(A_KEY, per_leaf=256)

    starts = sum(cuts.before(number) for number in range(1, 100_001))

    assert 300 < starts < 480


def test_of_the_ids_that_start_a_segment_about_one_in_32_starts_a_page() -> None:
    cuts = Cuts(A_KEY, per_leaf=32)
    starts = [number for number in range(1, 200_001) if cuts.before(number)]

    pages = sum(cuts.page_before(number, 1) for number in starts)

    assert len(starts) / 48 < pages < len(starts) / 22


def test_ids_that_the_store_can_guess_start_no_segment_without_the_key() -> None:
    """An equal set of ids is cut differently under another key, so that sizes tell nothing of the ids."""
    other = Cuts(IdKey(b"b" * 32), per_leaf=256)
    mine = Cuts(A_KEY, per_leaf=256)

    both = [number for number in range(100_000) if mine.before(number) and other.before(number)]

    assert len(both) < 20


def test_negative_ids_of_migrated_history_are_cut_too() -> None:
    cuts = Cuts(A_KEY, per_leaf=256)

    starts = sum(cuts.before(number) for number in range(-999_999_999, -999_899_999))

    assert 300 < starts < 480
