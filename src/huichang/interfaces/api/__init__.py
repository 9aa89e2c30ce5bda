"""The API for other programs: `/api/v1/`, described at `/api/` (docs/howto/api.md, docs/adr/0008-api.md)."""
