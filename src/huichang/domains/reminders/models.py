"""Who is due and why; the case that gathers a customer's reasons; the frozen month."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models import Booking
from huichang.domains.customers.models import Car, Customer
from huichang.domains.worklist.models import CallTask
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class Kind(models.TextChoices):
    """The reasons to call. Adding one: `kinds.py` and a `sql/due_<kind>.sql`."""

    FIRST_SERVICE = "first_service", _("首次保养")
    SCHEDULED_SERVICE = "scheduled_service", _("定期保养")
    WARRANTY_END = "warranty_end", _("保修到期")
    COMPULSORY_INSURANCE = "compulsory_insurance", _("交强险到期")
    COMMERCIAL_INSURANCE = "commercial_insurance", _("商业险到期")
    INSPECTION = "inspection", _("年检到期")
    BIRTHDAY = "birthday", _("生日")
    DEFERRED_REPAIR = "deferred_repair", _("建议维修未做")
    AT_RISK = "at_risk", _("流失风险")
    LAPSED = "lapsed", _("流失客户")


class ForecastBasis(models.TextChoices):
    """How far the mileage forecast can be trusted, said on the page."""

    READINGS = "readings", _("按本车多次里程推算")
    ONE_READING = "one_reading", _("按本车一次里程和同车型推算")
    SERIES = "series", _("按同车型推算")


class CarForecast(DealerOwned):
    """What is known of a car's mileage and next service; recomputed set-based when a fact changes.

    Rates in km per day with an 80 % interval; `service_due_low/high` is the interval of the due date.
    `service_by` says which clock comes first: `time` or `km`.
    """

    car = models.OneToOneField(Car, on_delete=models.CASCADE, related_name="forecast")
    basis = models.CharField(max_length=12, choices=ForecastBasis.choices)
    readings = models.PositiveSmallIntegerField(default=0)
    base_date = models.DateField(null=True)
    base_km = models.PositiveIntegerField(null=True)
    km_per_day = models.FloatField()
    km_per_day_low = models.FloatField()
    km_per_day_high = models.FloatField()
    service_kind = models.CharField(max_length=32, choices=Kind.choices, blank=True)
    service_due_date = models.DateField(null=True)
    service_due_low = models.DateField(null=True)
    service_due_high = models.DateField(null=True)
    service_due_km = models.PositiveIntegerField(null=True)
    service_by = models.CharField(max_length=4, blank=True)
    warranty_due_date = models.DateField(null=True)  # first of the date and the mileage limit
    lapse_base_date = models.DateField(null=True)  # last visit, else sale
    computed_on = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dealer", "service_due_date"], name="forecast_by_due")]


class CaseStatus(models.TextChoices):
    OPEN = "open", _("进行中")
    BOOKED = "booked", _("已预约")
    RETURNED = "returned", _("已回厂")
    CLOSED = "closed", _("已结束")


class CloseCause(models.TextChoices):
    NONE = "", "—"
    RETURNED = "returned", _("已回厂")
    REFUSED = "refused", _("客户拒绝")
    SOLD_ON = "sold_on", _("已转卖")
    SCRAPPED = "scrapped", _("已报废")
    MOVED_AWAY = "moved_away", _("已迁走")
    NEW_OWNER = "new_owner", _("换了车主")
    DONE_ELSEWHERE = "done_elsewhere", _("他店已做")
    OPTED_OUT = "opted_out", _("不再联系")
    PASSED = "passed", _("已过期")
    NOT_DUE = "not_due", _("不再到期")
    DONE = "done", _("已办理")


class Case(DealerOwned):
    """One occasion to talk to one customer, with every reason in it (PEERS: one call, all reasons).

    `customer` is the person who is called. `due_date` is the earliest of the open reasons, `last_safe_day` the
    last day on which a call can still be kept, `step` the last step done.
    """

    LIFECYCLE = Lifecycle(
        initial="open",
        moves={
            "open": {"booked", "returned", "closed"},
            "booked": {"open", "returned", "closed"},
            "returned": set(),
            "closed": set(),
        },
    )

    number = models.CharField(_("个案号"), max_length=24)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cases")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="cases")
    status = models.CharField(max_length=24, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    close_cause = models.CharField(max_length=16, choices=CloseCause.choices, default="", blank=True)
    due_date = models.DateField(_("到期"))
    last_safe_day = models.DateField(_("最晚致电"))
    call_date = models.DateField(_("计划致电"))
    message_date = models.DateField(_("计划短信"), null=True, blank=True)
    second_call_date = models.DateField(_("二次致电"), null=True, blank=True)
    step = models.CharField(max_length=16, blank=True)
    task = models.ForeignKey(CallTask, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "customer"], condition=Q(status__in=("open", "booked")), name="one_open_case"
            ),
            models.UniqueConstraint(fields=["dealer", "number"], name="one_case_number"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "call_date"], name="case_by_call", condition=Q(status="open")),
            models.Index(fields=["dealer", "customer", "-opened_on"], name="case_by_customer"),
        ]


class DueStatus(models.TextChoices):
    OPEN = "open", _("到期")
    CLOSED = "closed", _("已结束")


class Due(DealerOwned):
    """One reason: a kind, a car, a date, and why. `key` makes it happen once (`service:2026-05-28`).

    `why` holds the figures behind the date for the page: last_date, last_km, km_per_day, low, high, by, text …
    """

    LIFECYCLE = Lifecycle(initial="open", moves={"open": {"closed"}, "closed": {"open"}})

    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="dues")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="dues")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    key = models.CharField(max_length=40)
    due_date = models.DateField(_("到期日"))
    why = models.JSONField(default=dict)
    status = models.CharField(max_length=24, choices=DueStatus.choices, default=DueStatus.OPEN)
    close_cause = models.CharField(max_length=16, choices=CloseCause.choices, default="", blank=True)
    outcome_code = models.CharField(max_length=30, blank=True)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="reasons")
    created_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "car", "kind", "key"], name="one_due_an_occasion")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "kind", "due_date"], name="due_by_kind"),
            models.Index(fields=["dealer", "customer"], name="open_due", condition=Q(status="open")),
        ]


class MonthStatus(models.TextChoices):
    PLANNED = "planned", _("已计划")
    FROZEN = "frozen", _("已封存")


class Month(DealerOwned):
    """A store's month: planned at the end of the one before, frozen at its own end (REM-24…26)."""

    LIFECYCLE = Lifecycle(initial="planned", moves={"planned": {"frozen"}, "frozen": set()})

    month = models.DateField(_("月份"))  # its first day
    status = models.CharField(max_length=24, choices=MonthStatus.choices, default=MonthStatus.PLANNED)
    planned_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "month"], name="one_month")]


class MonthEntry(DealerOwned):
    """One car of the base in one month's census: exactly one bucket on each axis, with its cause.

    `is_late` marks what became due after the plan was made. Frozen with its month.
    """

    month = models.ForeignKey(Month, on_delete=models.CASCADE, related_name="entries")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_due = models.BooleanField(default=False)
    is_late = models.BooleanField(default=False)
    is_reminded = models.BooleanField(default=False)
    is_tracked = models.BooleanField(default=False)
    is_returned = models.BooleanField(default=False)
    cause = models.CharField(max_length=32, blank=True)
    kinds = models.CharField(max_length=200, blank=True)
    due_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["month", "car"], name="one_census_entry")]
        indexes: ClassVar = [models.Index(fields=["dealer", "month"], name="entry_by_month")]
