"""The business: one package a domain, imports only downward (docs/architecture.md)."""
