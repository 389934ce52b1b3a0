"""An account with something of everything."""

from __future__ import annotations

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.demo.chats import add_chats
from tgvault.testing.telegram.demo.groups import add_groups
from tgvault.testing.telegram.demo.media import add_media
from tgvault.testing.telegram.demo.people import BOT_TOKEN, add_people
from tgvault.testing.telegram.demo.possessions import add_possessions, add_stickers, set_ranges
from tgvault.testing.telegram.demo.scene import Scene
from tgvault.testing.telegram.demo.services import add_services
from tgvault.testing.telegram.demo.texts import add_texts

__all__ = ["BOT_TOKEN", "demo_account"]


def demo_account() -> Account:
    """Build an account with a chat of every kind and a message of every kind, some 15 MB of files in two data centres.

    It is the same whenever it is built. Its phone number is `+15550100`, the code `12345`, and it has no password.
    """
    scene = Scene(Account())
    add_people(scene)
    add_stickers(scene)
    add_chats(scene)
    add_texts(scene)
    add_media(scene)
    add_services(scene)
    add_groups(scene)
    add_possessions(scene)
    set_ranges(scene)
    return scene.account
