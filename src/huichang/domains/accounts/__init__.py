"""账户与角色: see docs/domains/accounts.md."""
