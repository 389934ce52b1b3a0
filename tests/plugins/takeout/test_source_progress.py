"""What somebody who looks on is told while an account is fetched."""

from __future__ import annotations

from pathlib import Path

from account_support import ada
from takeout_accounts import a_document, a_photo, talk_with_ben
from takeout_support import Telling, serve


class ByPhase(Telling):
    """Counts the bytes and items of each phase."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: dict[str, tuple[int, int]] = {}
        self.totals: dict[str, int | None] = {}

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        super().phase(name, total_bytes)
        self.totals[name] = total_bytes

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        super().advance(amount, items=items)
        size, number = self.counted.get(self.phases[-1], (0, 0))
        self.counted[self.phases[-1]] = size + amount, number + items


def test_each_byte_and_each_file_is_counted_once(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account, 5)
    account.say(ben, media=a_photo(account, 1, size=300_000))
    account.say(ben, media=a_document(account, 2, size=1_500_000))
    told = ByPhase()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up(progress=told)

    assert told.totals["fetching files"] == 1_800_000
    assert told.counted["fetching files"] == (1_800_000, 2)
    assert told.counted["fetching messages"] == (0, 7)
