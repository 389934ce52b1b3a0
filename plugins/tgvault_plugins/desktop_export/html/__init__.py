"""Telegram Desktop's HTML export: its pages read as messages in the schema of the JSON export."""

from tgvault_plugins.desktop_export.html.export import HtmlExport, recognise

__all__ = ["HtmlExport", "recognise"]
