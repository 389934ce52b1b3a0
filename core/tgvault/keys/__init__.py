"""Where the keys of people and machines come from and where they are kept: files, commands, the OS keyring, kits."""
