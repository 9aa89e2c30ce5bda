"""The store's rules of booking, in words for the customer: what is said in the confirming call and stands on the slip."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from huichang.domains.appointments import policies
from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.models import BookingBand
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force


def rules_told(dealer: Dealer, day: date) -> list[str]:
    """One sentence a rule, from the values in force on a day (CNF-10, APT-31); two queries."""
    asked = (policies.NO_SHOW_AFTER, rules.OWN_NOTICE, rules.OWN_CHANGES, policies.ONLY_IN_BANDS)
    found = values_in_force(asked, dealer, day)
    told = [
        _("晚到超过 {minutes} 分钟,工位可能让给别的客户").format(minutes=found[policies.NO_SHOW_AFTER.key]),
        _("改期或取消请提前 {hours} 小时告诉我们,最多改 {times} 次").format(
            hours=found[rules.OWN_NOTICE.key], times=found[rules.OWN_CHANGES.key]
        ),
    ]
    told += [
        _band(row)
        for row in BookingBand.objects.filter(dealer=dealer, discount_percent__gt=0).order_by("starts_at")
    ]
    if found[policies.ONLY_IN_BANDS.key]:
        told.append(_("第二次保养起只在预约时段里接受预约"))
    return told


def _band(band: BookingBand) -> str:
    """`周三 13:00–15:00 工时优惠 20%`."""
    days = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    day = _("每天") if band.weekday is None else days[band.weekday]
    return _("{day} {start}–{end} 工时优惠 {percent}%").format(
        day=day, start=f"{band.starts_at:%H:%M}", end=f"{band.ends_at:%H:%M}", percent=band.discount_percent
    )
