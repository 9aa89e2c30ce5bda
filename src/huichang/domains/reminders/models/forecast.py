"""What is known of a car's mileage and next dates, and what a store's history teaches about them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car, Customer
from huichang.domains.reminders import kinds
from huichang.kernel.scoping import DealerOwned


class ForecastBasis(models.TextChoices):
    """How far the mileage forecast can be trusted, said on the page."""

    READINGS = "readings", _("按本车多次里程推算")
    ONE_READING = "one_reading", _("按本车一次里程和同车型推算")
    SERIES = "series", _("按同车型推算")


class StoreProfile(DealerOwned):
    """What a store's calendar and own history teach (ADR 0011); made anew every day by `sql/learn_*.sql`.

    `previous_open[n]` is the last working day on or before `first_day + n - 1` (arrays count from 1 in SQL).
    The lead days are those of the slowest part that the business usually takes; null when history does not say.
    """

    first_day = models.DateField()
    previous_open = ArrayField(models.DateField())
    first_service_lead_days = models.PositiveSmallIntegerField(null=True)
    service_lead_days = models.PositiveSmallIntegerField(null=True)
    repair_lead_days = models.PositiveSmallIntegerField(null=True)
    computed_on = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer"], name="one_profile_of_a_store")]


class SeriesRate(DealerOwned):
    """Mean km a day of a series in one use; an empty series (and use) is the whole store's.

    `low` and `high` are the factors between which 8 of 10 cars of the store stay around such a mean.
    """

    series = models.CharField(max_length=40, blank=True)
    usage = models.CharField(max_length=16, blank=True)
    km_per_day = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    cars = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "series", "usage"], name="one_rate_of_a_series")
        ]


class VisitModel(DealerOwned):
    """How a store's cars come back, learned from its own visits (ADR 0011).

    Days from the base to the next visit = constant + rule × (days to the due date) + own × (the car's own mean gap
    less the store's `mean_gap`, shrunk). `base` is what the days count from: `sale`, `service`, or `other` visit.
    `low` and `high` are the 10th and 90th percentile of what was left over, in days.
    """

    base = models.CharField(max_length=8)
    visits = models.PositiveIntegerField()
    mean_gap = models.FloatField()
    constant = models.FloatField()
    rule = models.FloatField()
    own = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "base"], name="one_visit_model_of_a_base")
        ]


class ForecastError(DealerOwned):
    """How far forecasts with so many readings were off: factors holding 8 of 10 later mileages of the store."""

    readings = models.PositiveSmallIntegerField()  # 1, 2, or 3 for three and more
    low = models.FloatField()
    high = models.FloatField()
    cases = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "readings"], name="one_error_of_a_basis")
        ]


class CarForecast(DealerOwned):
    """What is known of a car's mileage and next dates; recomputed set-based when a fact changes.

    Here stands what every kind asks, so that a run reads one row a car.
    `customer` is who is called about it (the owner, or whom the owner is called through). Rates are km per day
    with an 80 % interval. The service is due on the first of `service_time_date` and the day `service_due_km` is
    reached; `service_by` says which (`time` or `km`), `service_due_low/high` is the interval that the mileage
    leaves. `next_visit_date/low/high` is when the car will probably come, by the store's own history.
    """

    car = models.OneToOneField(Car, on_delete=models.CASCADE, related_name="forecast")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="+")
    is_active = models.BooleanField(default=True)  # the car is still in the store's base
    basis = models.CharField(max_length=12, choices=ForecastBasis.choices)
    readings = models.PositiveSmallIntegerField(default=0)
    base_date = models.DateField(null=True)
    base_km = models.PositiveIntegerField(null=True)
    km_per_day = models.FloatField()
    km_per_day_low = models.FloatField()
    km_per_day_high = models.FloatField()
    service_kind = models.CharField(max_length=32, choices=kinds.choices, blank=True)
    service_base_date = models.DateField(null=True)  # the last service, else the sale
    service_base_km = models.PositiveIntegerField(null=True)
    service_time_date = models.DateField(null=True)
    service_due_date = models.DateField(null=True)
    service_due_low = models.DateField(null=True)
    service_due_high = models.DateField(null=True)
    service_due_km = models.PositiveIntegerField(null=True)
    service_by = models.CharField(max_length=4, blank=True)
    warranty_end_date = models.DateField(null=True)  # by time alone; exclusive
    warranty_km = models.PositiveIntegerField(null=True)
    warranty_due_date = models.DateField(null=True)  # first of the date and the mileage limit
    warranty_by = models.CharField(max_length=4, blank=True)
    inspection_due_date = models.DateField(null=True)
    inspection_by = models.CharField(max_length=8, blank=True)  # `file` or `rule`
    lapse_base_date = models.DateField(
        null=True
    )  # last visit, else sale; not before the present owner's time
    last_visit_date = models.DateField(null=True)
    next_visit_date = models.DateField(null=True)
    next_visit_low = models.DateField(null=True)
    next_visit_high = models.DateField(null=True)
    computed_on = models.DateField()
