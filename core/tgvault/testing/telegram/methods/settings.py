"""`account.*`: takeouts, sessions, and what else is the account's own."""

from __future__ import annotations

import os

from telethon.tl import functions, types

from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []


@answers(functions.account.InitTakeoutSessionRequest)
def init_takeout(asked: Invocation) -> types.account.Takeout:
    """Begin a takeout, or tell how long to wait: https://core.telegram.org/api/takeout ."""
    if asked.account.has.takeout_delay:
        raise Refusal(f"TAKEOUT_INIT_DELAY_{asked.account.has.takeout_delay}")
    takeout_id = int.from_bytes(os.urandom(7), "big")
    asked.account.takeouts[takeout_id] = asked.user_id
    return types.account.Takeout(takeout_id)


@answers(functions.account.FinishTakeoutSessionRequest)
def finish_takeout(asked: Invocation) -> bool:
    """End the takeout around the call."""
    asked.need_takeout()
    assert asked.takeout_id is not None
    del asked.account.takeouts[asked.takeout_id]
    return True


@answers(functions.account.GetAuthorizationsRequest)
def get_authorizations(asked: Invocation) -> types.account.Authorizations:
    """List the sessions."""
    return types.account.Authorizations(180, asked.account.has.authorizations)


@answers(functions.account.GetWebAuthorizationsRequest)
def get_web_authorizations(asked: Invocation) -> types.account.WebAuthorizations:
    """List the websites that the account is logged in to."""
    listed = asked.account.has.web_authorizations
    users, _ = asked.account.directory.entities(each.bot_id for each in listed)
    return types.account.WebAuthorizations(listed, users)


@answers(functions.account.GetSavedRingtonesRequest)
def get_ringtones(asked: Invocation) -> types.account.SavedRingtones:
    """List the notification sounds."""
    return types.account.SavedRingtones(1, asked.account.has.ringtones)


@answers(functions.users.GetSavedMusicRequest)
def get_saved_music(asked: Invocation) -> Tl:
    """Give a page of the music of a profile."""
    user_id = asked.account.directory.resolve(asked.request.id, self_id=asked.user_id)
    music = asked.account.has.saved_music if user_id == asked.account.self_id else []
    start = asked.request.offset
    return types.users.SavedMusic(len(music), music[start : start + asked.request.limit])


@answers(functions.photos.GetUserPhotosRequest, bots=True)
def get_user_photos(asked: Invocation) -> Tl:
    """Give a page of profile photos, the newest first; `max_id` leaves out that photo and newer ones."""
    request = asked.request
    user_id = asked.account.directory.resolve(request.user_id, self_id=asked.user_id)
    photos = asked.account.has.photos.get(user_id, [])
    users = [asked.account.directory.users[user_id]]
    if request.max_id:
        ids = [photo.id for photo in photos]
        known = ids.index(request.max_id) + 1 if request.max_id in ids else len(photos)
    else:
        known = 0
    start = max(0, known + request.offset)
    given = photos[start : start + min(request.limit, 100)]
    if len(given) == len(photos):
        return types.photos.Photos(photos, users)
    return types.photos.PhotosSlice(len(photos), given, users)
