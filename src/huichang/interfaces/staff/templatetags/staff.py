"""What templates of staff pages may ask about the person who reads them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django import template
from django.urls import reverse

from huichang.domains.reminders import kinds
from huichang.interfaces.pages import PAGES, may_open
from huichang.kernel.worktime import local_date
from huichang.ui import formats

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.template.context import Context

    from huichang.domains.appointments.models import BookingBlock
    from huichang.domains.customers.models import Customer
    from huichang.domains.vehicles.models import Vehicle

register = template.Library()


@register.simple_tag(takes_context=True)
def way_to(context: Context, name: str) -> str:
    """Address of the page `name` when the reader may open it, else nothing.

    For the next step of an empty page: `{% load staff %}{% way_to "imports" as imports %}{% if imports %}<c-button href="…">`.
    """
    request = context["request"]
    return reverse(f"staff:{name}") if may_open(request, PAGES[name]) else ""


@register.simple_tag(takes_context=True)
def may(context: Context, name: str) -> bool:
    """Whether the reader may open the page `name`: no link and no button leads to a refusal."""
    return may_open(context["request"], PAGES[name])


@register.filter
def kind_short(code: str) -> str:
    """The short name of a kind of reminder; its code when a later version removed it."""
    return kinds.KINDS[code].short if code in kinds.KINDS else code


@register.filter
def model(vehicle: Vehicle | None) -> str:
    """Series and model in one line, the series once: exports write `锐界` and `锐界 2023款` as often as `2023款`."""
    if vehicle is None:
        return ""
    if vehicle.model_name.startswith(vehicle.series):
        return vehicle.model_name or vehicle.series
    return f"{vehicle.series} {vehicle.model_name}".strip()


@register.filter
def names(people: Iterable[Customer]) -> str:
    """Each name once, with how many files bear it: `恒达物流 ×5、李海民`."""
    counted = Counter(person.name for person in people)
    return "、".join(name if times == 1 else f"{name} ×{times}" for name, times in counted.items())


@register.filter
def places(blocks: Iterable[BookingBlock]) -> str:
    """Where and by whom work is done, each pair once: `3号机修位 · 秦朗、1号快保位 · 冯涛`.

    Blocks without a bay (the reception) are left out; work cut into pieces by a pause names its place once.
    """
    pairs = (f"{one.bay.name} · {one.staff.name}" if one.staff else one.bay.name for one in blocks if one.bay)
    return "、".join(dict.fromkeys(pairs))


@register.filter
def clock_on(moment: datetime, day: date) -> str:
    """`09:42`, with its date before it when that is another day than the list's: a car carried over."""
    shown = formats.clock(moment)
    return shown if local_date(moment) == day else f"{formats.day_short(moment)} {shown}"
