from __future__ import annotations

from typing import Any

from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.permissions import P as AppointmentsP
from huichang.domains.customers.models import Customer
from huichang.domains.owners.models import FaultPhoto, PrivacyRequest
from huichang.domains.owners.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.owners import privacy, views


def _a_customer() -> dict[str, Any]:
    return {"pk": Customer.objects.order_by("pk").values_list("pk", flat=True).first() or 0}


def _a_photo() -> dict[str, Any]:
    return {"pk": FaultPhoto.objects.order_by("pk").values_list("pk", flat=True).first() or 0}


def _a_booking() -> dict[str, Any]:
    return {"pk": Booking.objects.order_by("pk").values_list("pk", flat=True).first() or 0}


def _a_request() -> dict[str, Any]:
    return {"pk": PrivacyRequest.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}


urlpatterns = [
    page(
        "owners", views.owners, needs=P.SEE, name="owners", title="车主登记", help="owners",
        rail=Rail("客户管理", "device-mobile", 15),
    ),
    page("owners/poster", views.poster, needs=P.SEE, name="owner-poster", title="登记二维码", help="owners"),
    page(
        "privacy", privacy.listing, needs=P.ANSWER, name="privacy-requests", title="个人信息请求", help="owners",
        rail=Rail("客户管理", "shield-lock", 50, privacy.open_count),
    ),
    page(
        "privacy/<int:pk>", privacy.one, needs=P.ANSWER, name="privacy-request", title="个人信息请求", help="owners",
        sample=_a_request,
    ),
    page(
        "customers/<int:pk>/privacy", privacy.ask, needs=P.ASK, name="privacy-ask", title="登记个人信息请求",
        help="owners", sample=_a_customer,
    ),
    page(
        "customers/<int:pk>/invite-owner", views.invite, needs=P.INVITE, name="owner-invite", writes=True,
        sample=_a_customer,
    ),
    page(
        "bookings/<int:pk>/photos", views.booking_photos, needs=AppointmentsP.SEE, name="booking-photos",
        title="故障照片", sample=_a_booking, screens=False,
    ),
    page(
        "owners/photos/<int:pk>", views.photo, needs=AppointmentsP.SEE, name="owner-photo", title="故障照片",
        sample=_a_photo, screens=False,
    ),
]  # fmt: skip
