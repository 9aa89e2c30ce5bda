"""维修: see docs/domains/workshop.md."""
