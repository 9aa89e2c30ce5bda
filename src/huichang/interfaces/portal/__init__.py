"""The owner's phone: `/m/`. Pages without scripts, for any browser, in both languages."""
