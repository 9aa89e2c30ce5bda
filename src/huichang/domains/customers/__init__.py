"""客户: see docs/domains/customers.md."""
