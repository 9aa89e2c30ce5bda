"""The sentence behind a due date, in the reader's language; the figures are in `Due.why`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from huichang.domains.reminders.models import Due

Figures = Mapping[str, Any]


def text(due: Due) -> str:
    """Why this reason is due on its date, with the figures it was worked out from."""
    make = _TEXTS.get(due.kind)
    return make(due.why) if make else ""


def short(due: Due) -> str:
    """The same in a few words, for a list."""
    why = due.why
    if due.kind in {"first_service", "scheduled_service"}:
        return _("到里程 {km} 公里").format(km=_number(why["due_km"])) if why["by"] == "km" else _("到时间")
    if due.kind == "warranty_end":
        return _("到里程 {km} 公里").format(km=_number(why["due_km"])) if why["by"] == "km" else _("到日期")
    if due.kind == "deferred_repair":
        return str(why["text"])
    if due.kind == "lapsed":
        return _("{months} 个月未回厂").format(months=why["months"])
    return str(why.get("insurer") or "")


def _first_service(why: Figures) -> str:
    return _service(why, _("购车 {since},首保期限到 {by_time}。"))


def _scheduled(why: Figures) -> str:
    if why["since_km"] is None:
        return _service(why, _("上次保养 {since},按时间到 {by_time}。"))
    return _service(why, _("上次保养 {since}({since_km} 公里),按时间到 {by_time}。"))


def _service(why: Figures, opening: str) -> str:
    words = {
        "since": _day(why["since"]), "since_km": _number(why["since_km"]), "by_time": _day(why["by_time"]),
        "due_km": _number(why["due_km"]), "rate": _rate(why), "low": _day(why["low"]), "high": _day(why["high"]),
    }  # fmt: skip
    parts = [opening]
    if why["by"] == "km":
        parts.append(_("按里程先到:每天约 {rate} 公里,达到 {due_km} 公里的日子大约在 {low} 至 {high}。"))
    else:
        parts.append(_("里程({due_km} 公里)到得更晚,每天约 {rate} 公里。"))
    return "".join(part.format(**words) for part in parts) + _basis(why)


def _warranty(why: Figures) -> str:
    if why["by"] == "km":
        return _("保修到 {ends} 或 {due_km} 公里。每天约 {rate} 公里,里程先到。").format(
            ends=_day(why["ends"]), due_km=_number(why["due_km"]), rate=_rate(why)
        ) + _basis(why)
    return _("保修到 {ends} 或 {due_km} 公里,日期先到。").format(
        ends=_day(why["ends"]), due_km=_number(why["due_km"])
    )


def _basis(why: Figures) -> str:
    return {
        "readings": _("按本车 {count} 次里程推算。").format(count=why["readings"]),
        "one_reading": _("本车只有一次里程,参照同车型推算。"),
        "series": _("本车没有可信的里程,按同车型推算。"),
    }[why["basis"]]


def _insurance(why: Figures) -> str:
    if why.get("insurer"):
        return _("保险公司:{insurer}。到期日是脱保的第一天。").format(insurer=why["insurer"])
    return _("到期日是脱保的第一天。")


def _inspection(why: Figures) -> str:
    if why["by"] == "file":
        return _("按档案里的年检到期日。")
    return _("档案没有年检日期,按上牌日期和检验周期推算。")


def _birthday(_why: Figures) -> str:
    return _("车主生日。")


def _repair(why: Figures) -> str:
    return _("{found} 检查时建议:{text}。").format(found=_day(why["found"]), text=why["text"])


def _at_risk(why: Figures) -> str:
    if why["last_visit"] is None:
        return _("保修 {ends} 到期,还没有进过厂。").format(ends=_day(why["ends"]))
    return _("保修 {ends} 到期,最近一次进厂是 {last_visit}。").format(
        ends=_day(why["ends"]), last_visit=_day(why["last_visit"])
    )


def _lapsed(why: Figures) -> str:
    if why["last_visit"] is None:
        return _("从 {since} 起 {months} 个月没有进过厂。").format(
            since=_day(why["since"]), months=why["months"]
        )
    return _("最近一次进厂是 {last_visit},已满 {months} 个月。").format(
        last_visit=_day(why["last_visit"]), months=why["months"]
    )


_TEXTS: dict[str, Callable[[Figures], str]] = {
    "first_service": _first_service,
    "scheduled_service": _scheduled,
    "warranty_end": _warranty,
    "compulsory_insurance": _insurance,
    "commercial_insurance": _insurance,
    "inspection": _inspection,
    "birthday": _birthday,
    "deferred_repair": _repair,
    "at_risk": _at_risk,
    "lapsed": _lapsed,
}


def _day(value: str | None) -> str:
    return date_format(date.fromisoformat(value), "Y-m-d") if value else "—"


def _number(value: float | None) -> str:
    return f"{round(value):,}" if value is not None else "—"


def _rate(why: Figures) -> str:
    return f"{why['km_per_day']:.0f}"
