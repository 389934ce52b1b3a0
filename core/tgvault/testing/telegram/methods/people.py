"""`users.*` and `contacts.*`."""

from __future__ import annotations

from telethon.tl import functions, types

from tgvault.testing.telegram.account.messages import peers_of
from tgvault.testing.telegram.methods.auth import as_self
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []


@answers(functions.users.GetUsersRequest, bots=True)
def get_users(asked: Invocation) -> list[Tl]:
    """Tell of users; of those that cannot be named nothing, not even an error."""
    users = []
    for each in asked.request.id:
        try:
            user_id = asked.account.directory.resolve(each, self_id=asked.user_id)
        except Refusal:
            users.append(types.UserEmpty(getattr(each, "user_id", 0)))
            continue
        users.append(as_self(asked, user_id) if user_id == asked.user_id else asked.account.directory.users[user_id])
    return users


@answers(functions.users.GetFullUserRequest, bots=True)
def get_full_user(asked: Invocation) -> types.users.UserFull:
    """Tell all of a user."""
    account = asked.account
    user_id = account.directory.resolve(asked.request.id, self_id=asked.user_id)
    photos = account.has.photos.get(user_id, [])
    talk = account.conversations.get(user_id)
    more = {
        "about": account.has.about if user_id == account.self_id else None,
        "profile_photo": photos[0] if photos else None,
        "folder_id": talk.folder_id or None if talk else None,
        **account.has.full.get(user_id, {}),
    }
    full = types.UserFull(user_id, types.PeerSettings(), types.PeerNotifySettings(), common_chats_count=0, **more)
    return types.users.UserFull(full, chats=[], users=[account.directory.users[user_id]])


@answers(functions.contacts.GetContactsRequest)
def get_contacts(asked: Invocation) -> types.contacts.Contacts:
    """List the users among the contacts."""
    users = [user for user in asked.account.directory.users.values() if user.contact]
    contacts = [types.Contact(user.id, bool(user.mutual_contact)) for user in users]
    return types.contacts.Contacts(contacts, len(asked.account.has.saved_contacts), users)


@answers(functions.contacts.GetSavedRequest)
def get_saved(asked: Invocation) -> list[Tl]:
    """List the phone book, as it was uploaded."""
    asked.need_takeout()
    return list(asked.account.has.saved_contacts)


@answers(functions.contacts.GetTopPeersRequest)
def get_top_peers(asked: Invocation) -> types.contacts.TopPeers:
    """List whom the account has most to do with, in the categories asked for."""
    request = asked.request
    wanted = {kind for kind, flag in _CATEGORIES.items() if getattr(request, flag)}
    top = [each for each in asked.account.has.top_peers if type(each.category) in wanted]
    cut = [
        types.TopPeerCategoryPeers(each.category, each.count, each.peers[request.offset :][: request.limit])
        for each in top
    ]
    users, chats = asked.account.directory.entities(peers_of(cut))
    return types.contacts.TopPeers(cut, chats, users)


_CATEGORIES = {
    types.TopPeerCategoryCorrespondents: "correspondents",
    types.TopPeerCategoryBotsPM: "bots_pm",
    types.TopPeerCategoryBotsInline: "bots_inline",
    types.TopPeerCategoryPhoneCalls: "phone_calls",
    types.TopPeerCategoryForwardUsers: "forward_users",
    types.TopPeerCategoryForwardChats: "forward_chats",
    types.TopPeerCategoryGroups: "groups",
    types.TopPeerCategoryChannels: "channels",
    types.TopPeerCategoryBotsApp: "bots_app",
}


@answers(functions.contacts.ResolveUsernameRequest, bots=True)
def resolve_username(asked: Invocation) -> types.contacts.ResolvedPeer:
    """Find who has a user name."""
    wanted = asked.request.username.casefold()
    for user in asked.account.directory.users.values():
        if (user.username or "").casefold() == wanted:
            return types.contacts.ResolvedPeer(types.PeerUser(user.id), [], [user])
    for chat in asked.account.directory.chats.values():
        if (getattr(chat, "username", None) or "").casefold() == wanted:
            return types.contacts.ResolvedPeer(types.PeerChannel(chat.id), [chat], [])
    raise Refusal("USERNAME_NOT_OCCUPIED")
