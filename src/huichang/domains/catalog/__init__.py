"""目录与资源: see docs/domains/catalog.md."""
