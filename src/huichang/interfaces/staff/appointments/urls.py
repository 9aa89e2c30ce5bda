from __future__ import annotations

from huichang.domains.appointments.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.appointments import (
    boards,
    day,
    figures,
    meetings,
    replans,
    rules,
    samples,
    views,
)

urlpatterns = [
    page(
        "bookings", day.day, needs=P.SEE, name="bookings", title="当日预约",
        rail=Rail("预约", "calendar-event", 10, count=boards.bookings_today), help="bookings",
        keys=(("←", "前一天"), ("→", "后一天"), ("n", "新预约"), ("m", "移动选中的车")),
    ),
    page("bookings/month", boards.month, needs=P.SEE, name="bookings-month", title="一月预约", help="bookings"),
    page("bookings/replan", replans.replan, needs=P.RUN_DAY, name="replan", title="重排当天", help="bookings"),
    page(
        "bookings/replan/<int:pk>", replans.proposal, needs=P.RUN_DAY, name="replan-proposal", title="重排方案",
        help="bookings", sample=samples.replan,
    ),
    page("bookings/replan/<int:pk>/accept", replans.accept, needs=P.RUN_DAY, name="replan-accept", writes=True,
         sample=samples.replan),
    page("bookings/replan/<int:pk>/reject", replans.reject, needs=P.RUN_DAY, name="replan-reject", writes=True,
         sample=samples.replan),
    page(
        "bookings/arrangement", figures.arrangement, needs=P.SEE, name="arrangement", title="预约安排",
        rail=Rail("预约", "clipboard-list", 30), help="bookings",
    ),
    page(
        "bookings/advisor", figures.advisor_day, needs=P.SEE, name="advisor-day", title="顾问当日清单",
        rail=Rail("预约", "user-check", 40, who=(P.ARRIVE,)), help="bookings",
    ),
    page(
        "bookings/register", figures.register, needs=P.SEE_FIGURES, name="booking-register", title="预约登记表",
        rail=Rail("预约", "notes", 70), help="bookings",
    ),
    page(
        "bookings/statistics", figures.statistics, needs=P.SEE_FIGURES, name="booking-statistics", title="预约统计表",
        rail=Rail("预约", "chart-bar", 80), help="bookings",
    ),
    page("bookings/reserve", figures.reserve, needs=P.SEE, name="reserve", title="预留产能", help="bookings"),
    page("bookings/overrides", figures.overrides, needs=P.SEE_FIGURES, name="booking-overrides", title="超规则预约",
         rail=Rail("预约", "shield", 90), help="bookings"),
    page("bookings/<int:pk>/slip", figures.slip, needs=P.SEE, name="booking-slip", title="维修预约单", help="bookings",
         sample=samples.booking),
    page(
        "bookings/rules", rules.capacity, needs=P.EDIT_CAPACITY, name="capacity", title="产能规则",
        rail=Rail("系统管理", "adjustments-horizontal", 65), help="bookings",
    ),
    page("bookings/rules/save", rules.save, needs=P.EDIT_CAPACITY, name="capacity-save", writes=True),
    page("bookings/welcome", rules.welcome, needs=P.SEE, name="welcome", title="欢迎屏", help="bookings"),
    page(
        "meetings", meetings.meetings, needs=P.SEE, name="meetings", title="试驾与洽谈",
        rail=Rail("预约", "users", 65), help="meetings",
    ),
    page("meetings/new", meetings.new, needs=P.BOOK, name="meeting-new", title="约试驾或洽谈", help="meetings"),
    page("meetings/<int:pk>/close", meetings.close, needs=P.BOOK, name="meeting-close", writes=True,
         sample=meetings.a_meeting),
    page("bookings/board", day.board, needs=P.SEE, name="booking-board", screens=False),
    page("bookings/<int:pk>/place", day.place, needs=P.RUN_DAY, name="booking-place", sample=samples.booking, screens=False),
    page("bookings/<int:pk>/begin", day.begin, needs=P.ARRIVE, name="booking-begin", writes=True, sample=samples.booking),
    page("bookings/<int:pk>/finish", day.finish, needs=P.ARRIVE, name="booking-finish", writes=True, sample=samples.booking),
    page("bookings/drop-in", day.drop_in, needs=P.ARRIVE, name="booking-drop-in", title="直接到店", help="bookings"),
    page(
        "bookings/week", boards.week, needs=P.SEE, name="bookings-week", title="一周预约",
        rail=Rail("预约", "calendar-week", 20), help="bookings",
    ),
    page("bookings/print", boards.printed, needs=P.SEE, name="bookings-print", title="预约清单", help="bookings"),
    page("bookings/new", views.new, needs=P.BOOK, name="booking-new", title="新预约", help="bookings"),
    page("bookings/new/cars", boards.find_car, needs=P.BOOK, name="booking-find-car", screens=False),
    page(
        "bookings/panel", views.booking_panel, needs=P.BOOK, name="booking-panel", title="预约进厂",
        screens=False,
    ),
    page("bookings/hold", views.hold, needs=P.BOOK, name="booking-hold", writes=True),
    page("bookings/extend", views.extend, needs=P.BOOK, name="booking-extend", writes=True),
    page("bookings/release", views.release, needs=P.BOOK, name="booking-release", writes=True),
    page("bookings/create", views.create, needs=P.BOOK, name="booking-create", writes=True),
    page("bookings/bands", boards.bands, needs=P.EDIT_BANDS, name="booking-bands", title="预约时段",
         rail=Rail("系统管理", "clock", 60), help="bookings"),
    page("bookings/bands/new", boards.band, needs=P.EDIT_BANDS, name="booking-band-new", title="新时段"),
    page("bookings/bands/<int:pk>", boards.band, needs=P.EDIT_BANDS, name="booking-band", title="时段",
         sample=samples.band),
    page("bookings/bands/<int:pk>/remove", boards.remove_band, needs=P.EDIT_BANDS, name="booking-band-remove",
         writes=True, sample=samples.band),
]  # fmt: skip
