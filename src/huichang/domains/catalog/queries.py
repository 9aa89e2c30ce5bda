"""Schedules, labour, bays and people: the reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from huichang.domains.catalog.models import Absence, Bay, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.dealers.models import Dealer


def active_bays(dealer: Dealer) -> list[Bay]:
    """Bays in use, by name; one query."""
    return list(Bay.objects.filter(dealer=dealer, is_active=True).order_by("name"))


def active_staff(dealer: Dealer, duties: Iterable[str] = ()) -> list[StaffMember]:
    """People at work, by team and name; only those with one of `duties` when given; one query."""
    rows = StaffMember.objects.filter(dealer=dealer, is_active=True)
    wanted = tuple(duties)
    if wanted:
        rows = rows.filter(duty__in=wanted)
    return list(rows.order_by("team", "name", "pk"))


def absences(dealer: Dealer, start: datetime, end: datetime) -> list[Absence]:
    """Absences of people and bays that touch [start, end); one query."""
    return list(
        Absence.objects.filter(dealer=dealer, starts_at__lt=end, ends_at__gt=start)
        .select_related("staff", "bay")
        .order_by("starts_at")
    )


def labour(dealer: Dealer, ids: Sequence[int] | None = None) -> list[LabourOperation]:
    """Active labour operations in the order of `ids`, or all by code; one query. Unknown ids are left out."""
    rows = LabourOperation.objects.filter(dealer=dealer, is_active=True)
    if ids is None:
        return list(rows.order_by("code"))
    found = rows.in_bulk(list(ids))
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def schedule_for(dealer: Dealer, series: str) -> ServiceSchedule | None:
    """The schedule of a series, else the store's default (empty series), else None."""
    rows = ServiceSchedule.objects.filter(dealer=dealer, series__in=("", series))
    return max(rows, key=lambda row: len(row.series), default=None)


def skills(dealer: Dealer) -> list[str]:
    """Every skill the store's people, bays or jobs name, in use order; three queries."""
    found = dict.fromkeys(Bay.objects.filter(dealer=dealer).order_by("pk").values_list("skill", flat=True))
    for held in StaffMember.objects.filter(dealer=dealer).order_by("pk").values_list("skills", flat=True):
        found.update(dict.fromkeys(held))
    found.update(
        dict.fromkeys(
            LabourOperation.objects.filter(dealer=dealer).order_by("pk").values_list("skill", flat=True)
        )
    )
    return [skill for skill in found if skill]


def bays_for(skill: str, bays: Sequence[Bay], people: Sequence[StaffMember]) -> list[Bay]:
    """The bays in which a skill is done: those that name it, else those of its people's other skills."""
    named = [bay for bay in bays if skill == bay.skill or skill in bay.also_skills]
    if named:
        return named
    others = {other for person in people if skill in person.skills for other in person.skills}
    return [bay for bay in bays if bay.skill in others]
