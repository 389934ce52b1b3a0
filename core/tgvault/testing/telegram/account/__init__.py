"""The model of an account."""
