"""Who is due and why; the case that gathers a customer's reasons; the frozen month."""

from __future__ import annotations

from huichang.domains.reminders.models.case import Case, CaseStatus, CloseCause, Due, DueStatus
from huichang.domains.reminders.models.forecast import (
    CarForecast,
    ForecastBasis,
    ForecastError,
    SeriesRate,
    StoreProfile,
    VisitModel,
)
from huichang.domains.reminders.models.month import (
    Bucket,
    Month,
    MonthEntry,
    MonthFigure,
    MonthStatus,
    PlannedDue,
)
from huichang.domains.reminders.models.programme import ProgrammeCard, Satisfaction
from huichang.domains.reminders.models.renewal import Renewal

__all__ = [
    "Bucket",
    "CarForecast",
    "Case",
    "CaseStatus",
    "CloseCause",
    "Due",
    "DueStatus",
    "ForecastBasis",
    "ForecastError",
    "Month",
    "MonthEntry",
    "MonthFigure",
    "MonthStatus",
    "PlannedDue",
    "ProgrammeCard",
    "Renewal",
    "Satisfaction",
    "SeriesRate",
    "StoreProfile",
    "VisitModel",
]
