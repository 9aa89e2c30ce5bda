"""门店: see docs/domains/dealers.md."""
