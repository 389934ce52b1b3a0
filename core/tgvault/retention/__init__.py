"""Which snapshots stay: rules, times that nobody can make up, and what is refused."""
