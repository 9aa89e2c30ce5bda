"""投诉: see docs/domains/complaints.md."""
