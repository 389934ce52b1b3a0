"""The takeout source holds to what every source has to hold to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from takeout_accounts import a_photo, a_story, every_kind
from takeout_contract import MakeTakeoutSource
from takeout_files import with_files
from takeout_support import LiveVault, serve
from tgvault.testing.contracts import SourceContract
from tgvault.testing.telegram import Account


def of_everything() -> Account:
    """Chats of every kind, one of which has enough messages for several spans, and a photo and a story."""
    account = every_kind()
    account.has.photos[5] = [a_photo(account, 71).photo]
    a_story(account, 1, a_photo(account, 72))
    birds = account.named("Birds")
    for number in range(250):
        account.say(birds, f"{number} " + "x" * 4000)
    return account


class Contract(SourceContract):
    @pytest.fixture
    def make_source(self, base: LiveVault, tmp_path: Path) -> Iterator[MakeTakeoutSource]:
        live = base.copy(tmp_path / "vault")
        with live.vault.opened() as opened, live.context(opened) as context:
            yield MakeTakeoutSource(live.config(), context.place, context)


class TestChatsOfEveryKind(Contract):
    @pytest.fixture(scope="class")
    @classmethod
    def base(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
        with serve(of_everything(), tmp_path_factory.mktemp("base") / "vault", comments=True) as live:
            yield live


class TestFilesOfEveryOrigin(Contract):
    @pytest.fixture(scope="class")
    @classmethod
    def base(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
        with serve(with_files(), tmp_path_factory.mktemp("base") / "vault") as live:
            # The first visit to another data centre takes longer than a question should.
            live.visit(4)
            yield live
