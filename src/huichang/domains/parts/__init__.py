"""配件: see docs/domains/parts.md."""
