"""Owners on their own phones: accounts, codes, sessions, which cars are theirs: see docs/domains/owners.md."""
