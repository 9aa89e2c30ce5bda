"""数据导入: see docs/domains/intake.md."""
