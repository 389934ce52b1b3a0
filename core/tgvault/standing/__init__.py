"""How everything stands: which snapshots are in which place, whether 3-2-1 is met, and what is due."""
