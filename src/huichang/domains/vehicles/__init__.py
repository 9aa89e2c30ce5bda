"""车辆: see docs/domains/vehicles.md."""
