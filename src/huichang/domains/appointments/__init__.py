"""预约: see docs/domains/appointments.md."""
