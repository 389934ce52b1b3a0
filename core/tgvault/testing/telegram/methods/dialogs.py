"""The list of chats, its folders, and the ranges into which a takeout is split."""

from __future__ import annotations

from collections.abc import Sequence

from telethon import utils
from telethon.tl import functions, types

from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.methods.common import dialog_of, find_talk
from tgvault.testing.telegram.methods.paging import between
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.methods.updates import state_of
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []

#: The archive, as a folder.
_ARCHIVE = 1


def _tops(asked: Invocation) -> list[tuple[Conversation, int]]:
    """List the conversations and their last messages, the latest first.

    Within a range of ids only what lies in it counts; channels belong to the last range.
    """
    account, within = asked.account, asked.range
    last = not account.has.split_ranges or within is None or within[1] == account.has.split_ranges[-1].max_id
    found = []
    for talk in account.conversations.values():
        if not talk.listed or (talk.is_channel and not last):
            continue
        ids = talk.messages.ids if talk.is_channel or within is None else between(talk.messages.ids, *within)
        if ids or (talk.draft is not None and last):
            found.append((talk, ids[-1] if ids else 0))
    return sorted(found, key=lambda each: _moment(*each), reverse=True)


def _moment(talk: Conversation, top: int) -> tuple[float, int]:
    """Tell where a conversation stands in the list."""
    return (talk.messages.get(top).date.timestamp() if top in talk.messages else 0.0, top)


def _collect(asked: Invocation, tops: Sequence[tuple[Conversation, int]]) -> tuple[list[Tl], list[Tl], Tl, Tl]:
    """Give dialogs, messages, chats and users, in the order of the answers' fields."""
    dialogs = [dialog_of(talk, top=top) for talk, top in tops]
    messages = [talk.messages.encoded(top) for talk, top in tops if top in talk.messages]
    peers = {talk.peer for talk, _ in tops}.union(
        *(talk.messages.peers(top) for talk, top in tops if top in talk.messages)
    )
    users, chats = asked.account.directory.entities(peers)
    return dialogs, messages, chats, users


@answers(functions.messages.GetDialogsRequest)
def get_dialogs(asked: Invocation) -> Tl:
    """Give a page of the list; pinned ones come with the first page unless they are not wanted."""
    request = asked.request
    tops = [each for each in _tops(asked) if request.folder_id is None or each[0].folder_id == request.folder_id]
    if request.exclude_pinned:
        tops = [each for each in tops if not each[0].pinned]
    else:
        tops.sort(key=lambda each: not each[0].pinned)
    rest = _behind(asked, tops)
    given = rest[: max(1, min(request.limit, 100))]
    collected = _collect(asked, given)
    if len(given) == len(tops):
        return types.messages.Dialogs(*collected)
    return types.messages.DialogsSlice(len(tops), *collected)


def _behind(asked: Invocation, tops: list[tuple[Conversation, int]]) -> list[tuple[Conversation, int]]:
    """Leave out everything up to the offset, by its peer, else by id and date."""
    request = asked.request
    if not isinstance(request.offset_peer, types.InputPeerEmpty):
        peer = asked.account.directory.resolve(request.offset_peer, self_id=asked.user_id)
        places = [place for place, (talk, _) in enumerate(tops) if talk.peer == peer]
        if places:
            return tops[places[0] + 1 :]
    # Telethon reads the date 0, which means none, as 1970.
    if request.offset_date is not None and request.offset_date.timestamp() > 0:
        limit = (request.offset_date.timestamp(), request.offset_id or 0)
        return [each for each in tops if not each[0].pinned and _moment(*each) < limit]
    return tops


@answers(functions.messages.GetPinnedDialogsRequest)
def get_pinned_dialogs(asked: Invocation) -> types.messages.PeerDialogs:
    """Give the pinned chats of the main list or of the archive."""
    tops = [(talk, top) for talk, top in _tops(asked) if talk.pinned and talk.folder_id == asked.request.folder_id]
    return types.messages.PeerDialogs(*_collect(asked, tops), state_of(asked))


@answers(functions.messages.GetPeerDialogsRequest)
def get_peer_dialogs(asked: Invocation) -> types.messages.PeerDialogs:
    """Give certain chats; for a folder all that are in it."""
    talks: list[Conversation] = []
    for each in asked.request.peers:
        if isinstance(each, types.InputDialogPeerFolder):
            talks += [talk for talk in asked.account.conversations.values() if talk.folder_id == each.folder_id]
        else:
            talks.append(find_talk(asked, each))
    return types.messages.PeerDialogs(*_collect(asked, [(talk, talk.top()) for talk in talks]), state_of(asked))


@answers(functions.messages.GetDialogFiltersRequest)
def get_dialog_filters(asked: Invocation) -> types.messages.DialogFilters:
    """Give the folders."""
    return types.messages.DialogFilters([types.DialogFilterDefault(), *asked.account.has.filters])


@answers(functions.messages.GetSplitRangesRequest)
def get_split_ranges(asked: Invocation) -> list[Tl]:
    """Give the ranges of ids."""
    return list(asked.account.has.split_ranges)


@answers(functions.messages.GetAllDraftsRequest)
def get_all_drafts(asked: Invocation) -> types.Updates:
    """Give what was written and not sent."""
    talks = [talk for talk in asked.account.conversations.values() if talk.draft is not None]
    updates = [types.UpdateDraftMessage(talk.tl_peer, talk.draft) for talk in talks]
    users, chats = asked.account.directory.entities(talk.peer for talk in talks)
    return types.Updates(updates, users, chats, asked.account.now, 1)


@answers(functions.messages.GetSavedDialogsRequest)
def get_saved_dialogs(asked: Invocation) -> types.messages.SavedDialogs:
    """Give the chats inside Saved Messages: from where what is there was forwarded."""
    talk = asked.account.conversations.get(asked.account.self_id)
    newest = (
        {utils.get_peer_id(each.saved_peer_id): each for each in talk.messages if each.saved_peer_id} if talk else {}
    )
    ordered = sorted(newest.values(), key=lambda each: each.id, reverse=True)
    dialogs = [types.SavedDialog(each.saved_peer_id, each.id) for each in ordered]
    users, chats = asked.account.directory.entities(newest)
    return types.messages.SavedDialogs(dialogs, ordered, chats, users)
