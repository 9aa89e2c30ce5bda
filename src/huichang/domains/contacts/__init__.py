"""联系: see docs/domains/contacts.md."""
