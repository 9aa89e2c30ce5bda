"""The ways in: staff pages, the API, commands. They know HTTP; the domains do not."""
