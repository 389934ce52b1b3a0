"""Encrypted, versioned backups of everything a person has on Telegram."""

__all__ = ["__version__"]

__version__ = "0.1.0"
