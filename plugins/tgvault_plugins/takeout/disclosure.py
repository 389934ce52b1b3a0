"""What is said before anybody logs in: what will be read, and where it goes."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault_plugins.takeout.choices import Category
from tgvault_plugins.takeout.config import TakeoutConfig

__all__ = ["disclosed"]


def disclosed(config: TakeoutConfig, *, source: str, is_bot: bool) -> Iterator[str]:
    """Say it, a line each, as the configuration has it; `source` is the source's name in vault.toml."""
    yield from _bot(config, source) if is_bot else _person(config)
    yield "It changes nothing: it sends no message, marks nothing as read, joins and leaves nothing."
    if is_bot:
        yield f"Telegram lists no devices of a bot; `tgvault logout {source}` ends this login."
    else:
        yield (
            "Your account will list one more device, `tgvault`. You can end it there at any time, or with"
            f" `tgvault logout {source}`."
        )
    place = "Telegram" if config.server is None else f"the server `{config.server}`"
    yield f"Nothing is sent anywhere but to {place}; what is read goes, encrypted, to the sink in vault.toml."
    yield (
        "The session is kept on this machine, sealed to the vault's keys. Whoever has both can use the"
        f" {'bot' if is_bot else 'account'}, so keep your key as you would your phone."
    )


def _person(config: TakeoutConfig) -> Iterator[str]:
    yield f"It reads from your Telegram account: {_listed(config.categories or tuple(Category))}."
    if config.reads(Category.CHATS):
        left = "also those that you have left" if config.left else "not those that you have left"
        yield f"Chats: {'; '.join([*_choice(config), left])}."
        if config.comments:
            yield "Comments below the posts of channels are read, too."
    yield from _files(config)
    if config.takeout:
        yield (
            "It asks Telegram for a data export, which you may have to allow in one of Telegram's own apps;"
            " Telegram may want you to wait a day before it."
        )


def _bot(config: TakeoutConfig, source: str) -> Iterator[str]:
    yield (
        "It reads the messages that the bot was sent in private chats and basic groups; Telegram lets a bot read"
        " nothing else."
    )
    yield f"Chats: {'; '.join(_choice(config))}."
    yield from _files(config)
    if config.takeout:
        yield f"A bot cannot have a data export: put `takeout = false` into `[sources.{source}]` before a backup."


def _choice(config: TakeoutConfig) -> list[str]:
    parts = ["all of them" if config.chats is None else _listed(config.chats)]
    if config.chat_types is not None:
        parts.append(f"of the types {_listed(config.chat_types)}")
    if config.exclude:
        parts.append(f"without {_listed(config.exclude)}")
    if config.own_only:
        parts.append("own messages only")
    if config.since is not None:
        parts.append(f"from {config.since} on")
    if config.until is not None:
        parts.append(f"up to {config.until}")
    return parts


def _files(config: TakeoutConfig) -> Iterator[str]:
    kinds = "of every sort" if config.media is None else _listed(config.media) if config.media else "none"
    limits = [f"up to {config.max_size}"] if config.max_size is not None else []
    limits += [f"{kind} up to {size}" for kind, size in config.max_sizes.items()]
    yield f"Files: {'; '.join([kinds, *limits])}."


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "nothing"
