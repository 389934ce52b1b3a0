"""The command line: one module a verb; each parses, calls one function of the engine and shows the result."""
