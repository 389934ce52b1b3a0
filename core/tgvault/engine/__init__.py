"""What tgvault does: one module a verb, each a function that the command line calls and prints the result of."""
