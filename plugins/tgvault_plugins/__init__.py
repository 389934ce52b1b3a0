"""The plugins that come with tgvault; each uses only `tgvault.api`, as a stranger's plugin would."""
