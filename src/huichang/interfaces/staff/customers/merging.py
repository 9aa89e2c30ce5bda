"""Likely duplicates, two records side by side, one record out of two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Booking
from huichang.domains.complaints.models import Complaint
from huichang.domains.contacts.models import Call, OptOut
from huichang.domains.customers import operations
from huichang.domains.customers.duplicates import Pair, duplicates, twins
from huichang.domains.customers.models import Customer, CustomerPhone, Ownership
from huichang.domains.customers.operations.merging import CHOICES
from huichang.domains.customers.queries import primary_phones
from huichang.domains.reminders.models import Case
from huichang.domains.workshop.models import ServiceOrder
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.sensitive import mask
from huichang.ui import formats

MOST = 100


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two records in words: who, and why they look alike."""

    first: Customer
    second: Customer
    signs: list[str]
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One column of both records. `taken` is preselected: `kept`, or `dropped` when the kept one says nothing."""

    name: str
    label: str
    kept: str
    dropped: str
    differs: bool
    taken: str


def alike(customer: Customer) -> list[Likeness]:
    """What looks like this customer, for their file."""
    return _in_words(twins(customer))


def duplicate_list(request: StaffRequest) -> HttpResponse:
    """Likely duplicates of the store, the surest first."""
    pairs = _in_words(duplicates(dealer=request.dealer, most=MOST))
    return render(
        request,
        "staff/customers/duplicates.html",
        {"pairs": pairs, "most": MOST, "tab": "duplicates", "may_merge": True},
    )


def _in_words(pairs: Sequence[Pair]) -> list[Likeness]:
    ids = {pk for pair in pairs for pk in (pair.first_id, pair.second_id)}
    rows = Customer.objects.filter(pk__in=ids).prefetch_related(primary_phones())
    people = {one.pk: one for one in rows}
    words = {
        "id_number": _("证件号码相同"), "address": _("姓名和地址相同"), "phone": _("电话相同"), "name": _("姓名相同"),
    }  # fmt: skip
    return [
        Likeness(
            people[pair.first_id], people[pair.second_id],
            [words[sign] for sign in pair.signs if sign != "name" or "address" not in pair.signs],
            "id_number" in pair.signs or {"phone", "name"} <= set(pair.signs),
        )
        for pair in pairs
    ]  # fmt: skip


def compare(request: StaffRequest, pk: int, other: int) -> HttpResponse:
    """`pk` stays, `other` goes into it: both side by side; POST merges."""
    kept, dropped = _both(pk, other)
    if kept.merged_into_id or dropped.merged_into_id:
        messages.info(request, _("其中一份档案已经合并过了。"))
        return redirect("staff:customer", pk=(kept.merged_into_id or kept.pk))
    error = ""
    if request.method == "POST":
        try:
            operations.merge_customers(
                kept=kept, dropped=dropped, taken=_taken(request), reason=request.POST.get("reason", ""),
                first_phone=request.POST.get("first_phone", ""), actor=request.actor, now=request.now,
            )  # fmt: skip
        except OperationRefused as refusal:
            error = str(refusal)
        else:
            messages.success(
                request,
                _("{number} 已并入 {kept}。它的编号和链接都会转到这里。").format(
                    number=dropped.number, kept=kept.number
                ),
            )
            return redirect("staff:customer", pk=kept.pk)
    return render(
        request,
        "staff/customers/merge.html",
        _context(request, kept, dropped, error),
        status=422 if error else 200,
    )


def _both(pk: int, other: int) -> tuple[Customer, Customer]:
    if pk == other:
        raise Http404
    rows = Customer.objects.prefetch_related(primary_phones())
    return get_object_or_404(rows, pk=pk), get_object_or_404(rows, pk=other)


def _taken(request: StaffRequest) -> list[str]:
    return [name for name in CHOICES if request.POST.get(name) == "dropped"]


def _context(request: StaffRequest, kept: Customer, dropped: Customer, error: str) -> dict[str, Any]:
    chosen = set(_taken(request))
    phones = {phone.number: phone for one in (dropped, kept) for phone in one.phones.all()}
    first = request.POST.get("first_phone") or next((p.number for p in kept.phones.all()), "")
    signs = next(
        (pair.signs for pair in _in_words(twins(kept, most=MOST)) if pair.second.pk == dropped.pk), []
    )
    return {
        "kept": kept, "dropped": dropped, "error": error, "lines": list(_lines(kept, dropped, chosen)),
        "phones": list(phones.values()), "first_phone": first, "belongings": _belongings(kept, dropped),
        "reason": request.POST.get("reason") or ";".join(signs), "signs": signs,
    }  # fmt: skip


def _lines(kept: Customer, dropped: Customer, chosen: set[str]) -> Iterator[Line]:
    labels = {field.name: str(field.verbose_name) for field in Customer._meta.local_fields}
    for name in CHOICES:
        own, other = _shown(kept, name), _shown(dropped, name)
        if not (own or other):
            continue
        differs = getattr(kept, name) != getattr(dropped, name)
        taken = "dropped" if name in chosen or not own else "kept"
        label = labels[name]
        yield Line(name, label, own, other, differs, taken)


def _shown(customer: Customer, name: str) -> str:
    value = getattr(customer, name)
    if name == "id_number":
        return mask(value)
    if name == "birthday":
        return formats.day(value) if value else ""
    if name in {"kind", "gender"}:
        return str(getattr(customer, f"get_{name}_display")()) if value else ""
    return str(value or "")


@dataclass(frozen=True, slots=True)
class Belonging:
    """How many rows of a kind each record has."""

    label: str
    kept: int
    dropped: int


def _belongings(kept: Customer, dropped: Customer) -> list[Belonging]:
    """What moves, counted: one query a kind."""
    kinds: Iterable[tuple[str, Any]] = (
        (_("车辆"), Ownership.objects.filter(end_date=None)),
        (_("电话"), CustomerPhone.objects),
        (_("进厂"), ServiceOrder.objects),
        (_("预约"), Booking.objects),
        (_("招揽个案"), Case.objects),
        (_("通话"), Call.objects),
        (_("投诉"), Complaint.objects),
        (_("拒绝联系"), OptOut.objects.filter(lifted_at=None)),
    )
    found = []
    for label, rows in kinds:
        counted = rows.filter(customer__in=(kept, dropped)).values("customer_id").annotate(number=Count("pk"))
        numbers = {row["customer_id"]: row["number"] for row in counted.order_by()}
        if numbers:
            found.append(Belonging(label, numbers.get(kept.pk, 0), numbers.get(dropped.pk, 0)))
    return found


def apart(request: StaffRequest, pk: int, other: int) -> HttpResponse:
    """They look alike and are two."""
    one, two = _both(pk, other)
    operations.keep_apart(one=one, other=two, actor=request.actor, now=request.now)
    messages.success(
        request, _("已记下:{one}和{two}不是同一位客户,不再提示。").format(one=one.name, two=two.name)
    )
    if request.POST.get("back") == "file":
        return redirect("staff:customer", pk=pk)
    return redirect("staff:duplicates")
