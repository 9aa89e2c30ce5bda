from __future__ import annotations

from huichang.domains.reminders.models import Month
from huichang.domains.reminders.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.census import lists, lost, views


def _a_month() -> dict[str, str]:
    """The latest month that is closed, else the latest. Raises IndexError while there is none."""
    found = Month.objects.order_by("-status", "-month").values_list("month", flat=True)
    return {"month": f"{(found.filter(status='frozen')[:1] or found)[0]:%Y-%m}"}


urlpatterns = [
    page(
        "census", views.months, needs=P.SEE_CENSUS, name="census", title="月度统计",
        rail=Rail("统计", "chart-bar", 10), help="census", network=True,
    ),
    page(
        "lost", lost.statistics, needs=P.SEE_CENSUS, name="lost", title="流失统计",
        rail=Rail("统计", "user-off", 20), help="census", network=True,
    ),
    page(
        "census/<str:month>", views.month, needs=P.SEE_CENSUS, name="census-month", title="月度统计",
        help="census", network=True, sample=_a_month, keys=(("p", "打印"), ("x", "导出")),
    ),
    page(
        "census/<str:month>/cars", lists.cars, needs=P.SEE_CENSUS, name="census-cars", title="月度统计明细",
        help="census", network=True, sample=_a_month,
    ),
    page(
        "census/<str:month>/plan", lists.plan, needs=P.SEE_CENSUS, name="census-plan", title="月度计划",
        help="census", network=True, sample=_a_month,
    ),
    page(
        "census/<str:month>/print", views.printed, needs=P.SEE_CENSUS, name="census-print", title="月度统计",
        help="census", network=True, sample=_a_month,
    ),
    page(
        "census/<str:month>/export", lists.export, needs=P.SEE_CENSUS, name="census-export", title="导出月度统计",
        network=True, sample=_a_month, screens=False,
    ),
    page(
        "census/<str:month>/freeze", views.freeze, needs=P.FREEZE_CENSUS, name="census-freeze", writes=True,
        sample=_a_month,
    ),
]  # fmt: skip
