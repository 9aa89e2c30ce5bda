from __future__ import annotations

from huichang.domains.catalog.permissions import P
from huichang.domains.dealers.permissions import P as DealersP
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.catalog import absences, calendar, samples, views

urlpatterns = [
    page(
        "resources", views.resources, needs=P.SEE, name="resources", title="工位与人员",
        rail=Rail("车间", "users-group", 10, who=(P.EDIT, P.EDIT_ABSENCES)), help="resources", keys=(("a", "登记停用或休假"),),
    ),
    page("resources/bays/new", views.bay, needs=P.EDIT, name="bay-new", title="新工位"),
    page("resources/bays/<int:pk>", views.bay, needs=P.EDIT, name="bay", title="工位", sample=samples.bay),
    page("resources/people/new", views.person, needs=P.EDIT, name="staff-member-new", title="新人员"),
    page(
        "resources/people/<int:pk>", views.person, needs=P.EDIT, name="staff-member", title="人员",
        sample=samples.person,
    ),
    page("resources/absences/new", absences.absence, needs=P.EDIT_ABSENCES, name="absence-new", title="停用与休假"),
    page(
        "resources/outages/<int:pk>/end", absences.end_outage, needs=P.EDIT_ABSENCES, name="outage-end", writes=True,
        sample=samples.outage,
    ),
    page(
        "resources/absences/<int:pk>/end", absences.end_absence, needs=P.EDIT_ABSENCES, name="absence-end", writes=True,
        sample=samples.absence,
    ),
    page(
        "labour", views.labour, needs=P.SEE, name="labour", title="工时项目",
        rail=Rail("车间", "tools", 20, who=(P.EDIT,)), help="resources",
    ),
    page("labour/new", views.labour_operation, needs=P.EDIT, name="labour-new", title="新项目"),
    page(
        "labour/<int:pk>", views.labour_operation, needs=P.EDIT, name="labour-operation", title="工时项目",
        sample=samples.labour,
    ),
    page(
        "schedules", views.schedules, needs=P.SEE, name="schedules", title="保养周期",
        rail=Rail("车间", "repeat", 30, who=(P.EDIT,)), help="resources",
    ),
    page("schedules/new", views.schedule, needs=P.EDIT, name="schedule-new", title="新保养周期"),
    page("schedules/<int:pk>", views.schedule, needs=P.EDIT, name="schedule", title="保养周期", sample=samples.schedule),
    page(
        "calendar", calendar.calendar, needs=P.SEE, name="calendar", title="工作日历",
        rail=Rail("系统管理", "calendar", 50, who=(DealersP.EDIT_CALENDAR, P.EDIT_ABSENCES)), help="calendar",
    ),
    page("calendar/week", calendar.save_week, needs=DealersP.EDIT_CALENDAR, name="calendar-week", writes=True),
    page("calendar/days", calendar.add_special_day, needs=DealersP.EDIT_CALENDAR, name="calendar-day", writes=True),
    page(
        "calendar/days/<int:pk>/remove", calendar.remove_special_day, needs=DealersP.EDIT_CALENDAR,
        name="calendar-day-remove", writes=True, sample=samples.special_day,
    ),
    page(
        "calendar/holidays", calendar.add_holiday, needs=DealersP.EDIT_CALENDAR, name="calendar-holiday", writes=True
    ),
    page(
        "calendar/holidays/<int:pk>/remove", calendar.remove_holiday, needs=DealersP.EDIT_CALENDAR,
        name="calendar-holiday-remove", writes=True, sample=samples.holiday,
    ),
]  # fmt: skip
