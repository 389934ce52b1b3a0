"""The configuration file `vault.toml`: found, read, checked and written."""
