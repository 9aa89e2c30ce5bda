"""Deciding whether a slot can be kept, in memory: `facts` loads a store's days, `search` looks for a plan."""
