"""A loopback Telegram for each test."""

from __future__ import annotations

from tgvault.testing.telegram.fixtures import telegram, telegram_account, telegram_trust

__all__ = ["telegram", "telegram_account", "telegram_trust"]
