"""The time line of a file: every change with who, when, before and after, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.contacts.models import OptOut
from huichang.domains.customers.models import (
    Car,
    Customer,
    CustomerMerge,
    CustomerNeed,
    CustomerPhone,
    Disclosure,
    Ownership,
    Tag,
)
from huichang.domains.dealers.models import Dealer, StorePost
from huichang.domains.vehicles.models import OdometerReading, Vehicle
from huichang.interfaces.staff.customers.record import File, bonds_of_file
from huichang.kernel.audit import history
from huichang.kernel.models import Action, ChangeRecord
from huichang.ui import formats

MOST = 150
UNSAID = {"id", "dealer_id", "created_at", "number_index"}


@dataclass(frozen=True, slots=True)
class Change:
    """One column: its label, and its value before and after, as people read them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the time line."""

    at: datetime
    who: str
    title: str
    icon: str
    tone: str
    changes: tuple[Change, ...] = ()
    note: str = ""


def entries(shown: File, dealer: Dealer) -> list[Entry]:
    """Everything that happened to the file, newest first; a constant number of queries."""
    rows = _rows(shown)
    records = history(rows, limit=MOST)
    words = _Words(records, dealer, _notes(rows))
    found = [words.entry(record) for record in records]
    if shown.customer is not None:
        looked = Disclosure.objects.filter(customer=shown.customer).select_related("user")
        found += [_disclosed(one) for one in looked.order_by("-at")[:MOST]]
    return sorted((one for one in found if one), key=lambda one: one.at, reverse=True)[:MOST]


def _rows(shown: File) -> list[models.Model]:
    rows: list[models.Model] = [*bonds_of_file(shown)]
    if shown.customer is not None:
        before = Customer.objects.filter(
            merged_into=shown.customer
        )  # what was merged brings its history along
        rows += [shown.customer, *before, *shown.phones, *OptOut.objects.filter(customer=shown.customer)]
        rows += [
            *CustomerNeed.objects.filter(customer=shown.customer),
            *CustomerMerge.objects.filter(kept=shown.customer).select_related("dropped"),
        ]
    if shown.car is not None:
        readings = OdometerReading.objects.filter(vehicle=shown.car.vehicle).order_by("-pk")[:40]
        rows += [shown.car, shown.car.vehicle, *readings]
    return rows


def _notes(rows: Iterable[models.Model]) -> dict[tuple[str, int], str]:
    """What a row is about, for the entries that say only that it was made."""
    found = {}
    for row in rows:
        if isinstance(row, Ownership):
            found[row._meta.db_table, row.pk] = f"{row.customer.name} · {row.get_bond_display()}"
        elif isinstance(row, OdometerReading):
            found[row._meta.db_table, row.pk] = f"{formats.day(row.read_on)} · {formats.kilometres(row.km)}"
        elif isinstance(row, OptOut):
            found[row._meta.db_table, row.pk] = row.reason
        elif isinstance(row, CustomerNeed):
            found[row._meta.db_table, row.pk] = row.text
        elif isinstance(row, CustomerMerge):
            found[row._meta.db_table, row.pk] = f"{row.dropped.number} {row.dropped.name} · {row.reason}"
    return found


def _disclosed(one: Disclosure) -> Entry:
    who = one.user.name if one.user else ""
    return Entry(one.at, who, _("查看了证件号码"), "eye", "warn", note=one.reason)


def _titles() -> dict[type[models.Model], tuple[str, str]]:
    """What a table is called on the time line, and its icon."""
    return {
        Customer: (_("客户资料"), "user"),
        CustomerPhone: (_("电话"), "phone"),
        Car: (_("车辆档案"), "car"),
        Vehicle: (_("车辆"), "car"),
        Ownership: (_("人车关系"), "key"),
        OdometerReading: (_("里程"), "gauge"),
        OptOut: (_("不再联系"), "message-off"),
        CustomerNeed: (_("特殊需求"), "star"),
        CustomerMerge: (_("合并记录"), "arrows-join"),
    }


class _Words:
    """Turns recorded columns into words; looks up every name it needs at once."""

    def __init__(self, records: Sequence[ChangeRecord], dealer: Dealer | None,
                 notes: dict[tuple[str, int], str] | None = None) -> None:  # fmt: skip
        self.models = {model._meta.db_table: model for model in apps.get_models()}
        self.titles = _titles()
        self.notes = notes or {}
        self.names = self._names(records)
        # A car is the network's: who changed it elsewhere is not this store's business.
        posts = StorePost.objects.filter(dealer=dealer).values_list("user_id", flat=True)
        self.here = set(posts) if dealer else set()

    def entry(self, record: ChangeRecord) -> Entry | None:
        model = self.models.get(record.table_name)
        if model is None:
            return None
        title, icon = self.titles.get(model, (str(model._meta.verbose_name), "pencil"))
        changes = tuple(self.changes(record))
        if record.action == Action.UPDATED and not changes:
            return None
        if model is CustomerPhone and record.action == Action.CREATED:
            return None  # the customer's own entry names the numbers
        return Entry(
            record.at, self._who(record), _said(record.action).format(what=title), icon, _tone(record.action),
            changes, self.notes.get((record.table_name, record.row_id), ""),
        )  # fmt: skip

    def _who(self, record: ChangeRecord) -> str:
        is_ours = record.dealer_id is not None or record.actor_id is None or record.actor_id in self.here
        return record.actor_name if is_ours else _("其他门店")

    def changes(self, record: ChangeRecord) -> Iterable[Change]:
        """The columns of one record, in words."""
        model = self.models[record.table_name]
        for column, (before, after) in sorted(record.changes.items()):
            if column in UNSAID or column.endswith(("_reversed", "_index")):
                continue
            field = _field(model, column)
            label = _PLAIN_LABELS.get(column) or (str(field.verbose_name) if field else column)
            yield Change(_(label), self._value(field, before), self._value(field, after))

    def _value(self, field: Any, value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, list):
            return "、".join(map(str, value))
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if field is None:
            return str(value)
        if field.is_relation:
            return self.names.get((field.related_model, value), f"#{value}")
        choices = dict(field.flatchoices)
        return str(choices[value]) if value in choices else _plain(field, value)

    def _names(self, records: Sequence[ChangeRecord]) -> dict[tuple[Any, int], str]:
        """Names of the rows that changes point at: customers and tags."""
        wanted: dict[Any, set[int]] = {Customer: set(), Tag: set()}
        for record in records:
            model = self.models.get(record.table_name)
            for column, pair in record.changes.items():
                field = _field(model, column) if model else None
                if field is not None and field.is_relation and field.related_model in wanted:
                    wanted[field.related_model].update(one for one in pair if isinstance(one, int))
        found: dict[tuple[Any, int], str] = {}
        for target, ids in wanted.items():
            if ids:
                found |= {
                    (target, pk): name
                    for pk, name in target.objects.filter(pk__in=ids).values_list("pk", "name")
                }
        return found


# Recorded columns that are no field of their own, or whose field has no words.
_PLAIN_LABELS = {
    "phones": gettext_noop("电话"),
    "customer_id": gettext_noop("客户"),
    "car_id": gettext_noop("车辆"),
}


def _field(model: type[models.Model], column: str) -> Any:
    return next((one for one in model._meta.concrete_fields if one.column == column), None)


def _plain(field: models.Field[Any, Any], value: Any) -> str:
    if isinstance(field, models.DateTimeField):
        return formats.moment(parse_datetime(str(value)))
    if isinstance(field, models.DateField):
        return formats.day(_day(value))
    return str(value)


def _day(value: Any) -> date | None:
    return parse_date(str(value)[:10])


def _said(action: str) -> str:
    return {
        Action.CREATED: _("新建了{what}"), Action.UPDATED: _("修改了{what}"), Action.DELETED: _("删除了{what}"),
    }[Action(action)]  # fmt: skip


def _tone(action: str) -> str:
    return {"created": "ok", "updated": "accent", "deleted": "bad"}[action]


def theirs(records: Sequence[ChangeRecord]) -> list[Change]:
    """What somebody else changed meanwhile, column by column, in words."""
    if not records:
        return []
    words = _Words(records, None)
    found: dict[str, Change] = {}
    for record in records:  # newest first: the oldest "before" and the newest "after" of a column remain
        for change in words.changes(record):
            newer = found.get(change.label)
            found[change.label] = Change(change.label, change.before, newer.after if newer else change.after)
    return list(found.values())
