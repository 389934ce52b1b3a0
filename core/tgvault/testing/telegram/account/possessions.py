"""What an account has besides people, chats and messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from telethon.tl import types

from tgvault.testing.telegram.tl import Tl

__all__ = ["Possessions", "StickerPackage"]


@dataclass(slots=True, eq=False)
class StickerPackage:
    """A set of stickers or custom emoji; `installed` ones are in the account's list."""

    set: types.StickerSet
    documents: list[types.Document] = field(default_factory=list)
    packs: list[types.StickerPack] = field(default_factory=list)
    installed: bool = True


@dataclass(slots=True, eq=False)
class Possessions:
    """Lists, newest first where Telegram gives the newest first."""

    about: str = ""
    #: Fields of `types.UserFull` of users, by id.
    full: dict[int, dict[str, Tl]] = field(default_factory=dict)
    saved_contacts: list[types.SavedPhoneContact] = field(default_factory=list)
    top_peers: list[types.TopPeerCategoryPeers] = field(default_factory=list)
    authorizations: list[types.Authorization] = field(default_factory=list)
    web_authorizations: list[types.WebAuthorization] = field(default_factory=list)
    #: Profile photos of users, by id.
    photos: dict[int, list[types.Photo]] = field(default_factory=dict)
    #: All stories of a peer, by marked id; of oneself the archive.
    stories: dict[int, list[types.StoryItem]] = field(default_factory=dict)
    #: Ids of the stories that everybody sees now, by peer.
    active_stories: dict[int, tuple[int, ...]] = field(default_factory=dict)
    sticker_packages: list[StickerPackage] = field(default_factory=list)
    filters: list[Tl] = field(default_factory=list)
    #: Of `inputTakeoutFileLocation`: the JSON of the category "other data".
    other_data: bytes = b"{}"
    #: Ranges of ids into which a takeout is split; none means one range of all.
    split_ranges: list[types.MessageRange] = field(default_factory=list)
    saved_music: list[types.Document] = field(default_factory=list)
    ringtones: list[types.Document] = field(default_factory=list)
    #: What `help.getCountriesList` tells; none, with which clients write numbers without spaces.
    countries: list[types.help.Country] = field(default_factory=list)
    #: Seconds that a first takeout has to wait, as TAKEOUT_INIT_DELAY says; 0 for none.
    takeout_delay: int = 0
    #: Messages or changes that a difference gives at once, and how many make it too long; None for no limit.
    difference_slice: int = 100
    difference_limit: int | None = None
