"""任务: see docs/domains/worklist.md."""
