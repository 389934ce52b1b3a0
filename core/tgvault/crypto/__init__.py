"""age and keyed hashes; nothing outside this package touches a cipher."""
