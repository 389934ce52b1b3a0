"""`help.*`: where the data centres are."""

from __future__ import annotations

import time

from telethon.tl import functions, types

from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.rsa_key import PUBLIC_KEY
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import CDN_DC, Invocation

__all__: list[str] = []

#: Numbers of a real configuration that no client of ours looks at.
_LIMITS = {
    "chat_size_max": 200,
    "megagroup_size_max": 200_000,
    "forwarded_count_max": 100,
    "online_update_period_ms": 210_000,
    "offline_blur_timeout_ms": 5_000,
    "offline_idle_timeout_ms": 30_000,
    "online_cloud_timeout_ms": 300_000,
    "notify_cloud_delay_ms": 30_000,
    "notify_default_delay_ms": 1_500,
    "push_chat_period_ms": 60_000,
    "push_chat_limit": 2,
    "edit_time_limit": 172_800,
    "revoke_time_limit": 2**31 - 1,
    "revoke_pm_time_limit": 2**31 - 1,
    "rating_e_decay": 2_419_200,
    "stickers_recent_limit": 200,
    "channels_read_media_period": 604_800,
    "call_receive_timeout_ms": 20_000,
    "call_ring_timeout_ms": 90_000,
    "call_connect_timeout_ms": 30_000,
    "call_packet_timeout_ms": 10_000,
    "caption_length_max": 1_024,
    "message_length_max": 4_096,
    "webfile_dc_id": 4,
}


@answers(functions.help.GetConfigRequest, login=False, bots=True)
def get_config(asked: Invocation) -> types.Config:
    """Tell where everything is."""
    now = int(time.time())
    return types.Config(
        date=now,
        expires=now + 3600,
        test_mode=False,
        this_dc=asked.dc,
        dc_options=[_option(dc, *place) for dc, place in asked.world.places.items()],
        dc_txt_domain_name="",
        me_url_prefix="https://t.me/",
        **_LIMITS,
    )


def _option(dc: int, host: str, port: int) -> types.DcOption:
    return types.DcOption(dc, host, port, static=True, cdn=dc == CDN_DC or None)


@answers(functions.help.GetNearestDcRequest, login=False, bots=True)
def get_nearest_dc(asked: Invocation) -> types.NearestDc:
    """Tell which data centre is near: the account's own."""
    return types.NearestDc("NL", asked.dc, asked.account.dc)


@answers(functions.help.GetCdnConfigRequest, login=False, bots=True)
def get_cdn_config(asked: Invocation) -> types.CdnConfig:
    """Tell the CDN's keys; it has the same one here."""
    return types.CdnConfig([types.CdnPublicKey(CDN_DC, PUBLIC_KEY)])


@answers(functions.help.GetAppConfigRequest, login=False, bots=True)
def get_app_config(asked: Invocation) -> Tl:
    """Tell nothing in particular."""
    return types.help.AppConfig(1, types.JsonObject([]))


@answers(functions.help.GetCountriesListRequest, login=False, bots=True)
def get_countries(asked: Invocation) -> types.help.CountriesList:
    """Tell how telephone numbers are written in each country."""
    return types.help.CountriesList(asked.account.has.countries, 1)
