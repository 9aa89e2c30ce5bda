"""A copy of what a store holds about an owner and one car, gathered from the domains; nothing of earlier owners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Booking
from huichang.domains.contacts.models import Call, Consent, Message, OptOut, Reply
from huichang.domains.owners.models import OwnerBinding
from huichang.domains.vehicles.models import OdometerReading
from huichang.interfaces.portal import garage
from huichang.kernel.sensitive import mask

MOST = (
    2000  # rows of one kind: far beyond what one owner has, so that nobody makes the server read for minutes
)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of data: `columns` maps the keys of its rows to their names in the active language."""

    code: str
    label: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]


def copy_of(binding: OwnerBinding, now: datetime) -> list[Part]:
    """Every part, also empty ones, so that nobody wonders what was left out."""
    return [
        _person(binding), _car(binding), _visits(binding), _findings(binding), _readings(binding), _bookings(binding),
        _messages(binding), _replies(binding), _calls(binding), _wishes(binding),
    ]  # fmt: skip


def _person(binding: OwnerBinding) -> Part:
    owner = binding.customer
    phones = [mask(one.number) for one in owner.phones.order_by("pk")]
    # Masked also here: whoever holds the telephone sees this page, and the owner knows the numbers.
    row = {
        "name": owner.name, "kind": owner.get_kind_display(), "title": owner.get_gender_display(),
        "identity": mask(owner.id_number) if owner.id_number else "", "phones": "、".join(phones),
        "birthday": owner.birthday, "address": owner.address, "workplace": owner.workplace, "email": owner.email,
        "remark": owner.remark, "tags": "、".join(owner.tags.values_list("tag__name", flat=True)),
        "needs": "、".join(owner.needs.filter(ended_at=None).values_list("text", flat=True)),
        "since": owner.created_at,
    }  # fmt: skip
    columns = {
        "name": _("姓名"), "kind": _("客户类型"), "title": _("称呼"), "identity": _("证件号码"), "phones": _("电话"),
        "birthday": _("生日"), "address": _("地址"), "workplace": _("工作单位"), "email": _("邮箱"), "remark": _("备注"),
        "tags": _("标签"), "needs": _("特殊需求"), "since": _("建档时间"),
    }  # fmt: skip
    return Part("person", _("您的资料"), columns, [row])


def _car(binding: OwnerBinding) -> Part:
    car, vehicle = binding.car, binding.car.vehicle
    row = {
        "plate": car.plate, "vin": vehicle.vin, "engine": vehicle.engine_number, "series": vehicle.series,
        "model": vehicle.model_name, "sold": vehicle.sale_date, "usage": car.get_usage_display(),
        "insurer": car.insurer, "compulsory": car.compulsory_insurance_end_date,
        "commercial": car.commercial_insurance_end_date, "inspection": car.inspection_due_date, "remark": car.remark,
    }  # fmt: skip
    columns = {
        "plate": _("车牌号"), "vin": _("车架号"), "engine": _("发动机号"), "series": _("车系"), "model": _("车型"),
        "sold": _("开票日期"), "usage": _("用途"), "insurer": _("保险公司"), "compulsory": _("交强险到期日"),
        "commercial": _("商业险到期日"), "inspection": _("年检到期日"), "remark": _("备注"),
    }  # fmt: skip
    return Part("car", _("车辆"), columns, [row])


def _visits(binding: OwnerBinding) -> Part:
    rows = [
        {
            "number": one.number, "arrived": one.arrived_at, "km": one.km,
            "lines": "、".join(line.name for line in one.lines.all()), "paid": str(one.paid_amount),
        }
        for one in garage.orders_of(binding, most=MOST)
    ]  # fmt: skip
    columns = {
        "number": _("工单号"), "arrived": _("进厂"), "km": _("里程"), "lines": _("项目"), "paid": _("实收"),
    }  # fmt: skip
    return Part("visits", _("维修记录"), columns, rows)


def _findings(binding: OwnerBinding) -> Part:
    rows = [{"found": one.found_date, "text": one.text} for one in garage.findings_of(binding)]
    return Part("findings", _("建议做、还没做"), {"found": _("日期"), "text": _("内容")}, rows)


def _readings(binding: OwnerBinding) -> Part:
    found = OdometerReading.objects.filter(vehicle_id=binding.car.vehicle_id)
    if since := garage.since_of(binding):
        found = found.filter(read_on__gte=since)
    rows = list(found.order_by("-read_on", "-pk").values("read_on", "km")[:MOST])
    return Part("readings", _("里程记录"), {"read_on": _("日期"), "km": _("里程")}, rows)


def _bookings(binding: OwnerBinding) -> Part:
    found = Booking.objects.filter(car_id=binding.car_id, customer_id=binding.customer_id)
    kept = found.exclude(status__in=("held", "expired")).order_by("-starts_at", "-pk")
    rows = [
        {
            "number": one.number, "arrive": one.arrive_at, "status": one.get_status_display(), "fault": one.fault,
            "needs": one.special_needs, "brought_by": one.drop_off_name,
        }
        for one in kept[:MOST]
    ]  # fmt: skip
    columns = {
        "number": _("预约号"), "arrive": _("到店"), "status": _("状态"), "fault": _("故障"), "needs": _("特殊需要"),
        "brought_by": _("送车人"),
    }  # fmt: skip
    return Part("bookings", _("预约"), columns, rows)


def _messages(binding: OwnerBinding) -> Part:
    """Codes are not told again, nor messages about another car of the same owner."""
    found = Message.objects.filter(_mine(binding), customer_id=binding.customer_id).exclude(purpose="code")
    rows = [
        {
            "at": one.created_at, "channel": one.get_channel_display(), "to": one.address_hint,
            "status": one.get_status_display(), "text": one.body,
        }
        for one in found.order_by("-created_at", "-pk")[:MOST]
    ]  # fmt: skip
    columns = {
        "at": _("时间"), "channel": _("方式"), "to": _("收信地址"), "status": _("状态"), "text": _("内容"),
    }  # fmt: skip
    return Part("messages", _("发给您的消息"), columns, rows)


def _replies(binding: OwnerBinding) -> Part:
    found = Reply.objects.filter(customer_id=binding.customer_id).order_by("-received_at", "-pk")
    rows = [{"at": one.received_at, "text": one.text} for one in found[:MOST]]
    return Part("replies", _("您的回复"), {"at": _("时间"), "text": _("内容")}, rows)


def _calls(binding: OwnerBinding) -> Part:
    found = Call.objects.filter(_mine(binding), customer_id=binding.customer_id).select_related("outcome")
    rows = [
        {
            "at": one.started_at, "direction": one.get_direction_display(),
            "outcome": one.outcome.label if one.outcome else "", "note": one.note,
        }
        for one in found.order_by("-started_at", "-pk")[:MOST]
    ]  # fmt: skip
    columns = {"at": _("时间"), "direction": _("方向"), "outcome": _("结果"), "note": _("备注")}
    return Part("calls", _("电话记录"), columns, rows)


def _wishes(binding: OwnerBinding) -> Part:
    """Refusals and consents with their proof, those that ended too."""
    refused = OptOut.objects.filter(_mine(binding), customer_id=binding.customer_id)
    agreed = Consent.objects.filter(_mine(binding), customer_id=binding.customer_id)
    rows = [*_refusals(refused), *_consents(agreed)]
    columns = {
        "what": _("内容"), "purpose": _("用途"), "channel": _("方式"), "from": _("从"), "until": _("到"),
        "proof": _("凭据"),
    }  # fmt: skip
    return Part("wishes", _("同意与拒绝"), columns, rows)


def _refusals(found: Iterable[OptOut]) -> list[dict[str, Any]]:
    return [
        {
            "what": _("不再联系"), "purpose": one.purpose, "channel": one.get_channel_display(),
            "from": one.recorded_at, "until": one.lifted_at, "proof": one.reason,
        }
        for one in found
    ]  # fmt: skip


def _consents(found: Iterable[Consent]) -> list[dict[str, Any]]:
    return [
        {
            "what": _("同意"), "purpose": one.purpose, "channel": one.get_channel_display(), "from": one.given_at,
            "until": one.withdrawn_at, "proof": one.proof,
        }
        for one in found
    ]  # fmt: skip


def _mine(binding: OwnerBinding) -> Q:
    """Rows about this car, and those about no car in particular."""
    return Q(car_id=binding.car_id) | Q(car_id=None)
