from tests.interfaces.staff.desk.conftest import clock, li

__all__ = ["clock", "li"]
