"""招揽: see docs/domains/reminders.md."""
