from __future__ import annotations

from huichang.domains.appointments.permissions import P as AppointmentsP
from huichang.domains.dealers.permissions import P as DealersP
from huichang.domains.reminders.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.programme import views

urlpatterns = [
    page(
        "programme", views.table, needs=P.PROGRAMME, name="programme", title="三保客户",
        rail=Rail("招揽", "steering-wheel", 30, views.waiting_times), help="programme",
    ),
    page(
        "programme/cars/<int:pk>", views.card, needs=P.PROGRAMME, name="programme-card", title="三保客户",
        help="programme", sample=views.sample,
    ),
    page("programme/hand-over", views.hand_over, needs=DealersP.DELEGATE, name="programme-hand-over", writes=True),
    page("programme/cars/<int:pk>/use", views.note_use, needs=P.PROGRAMME, name="programme-use", writes=True,
         sample=views.sample),
    page("programme/cars/<int:pk>/ask", views.ask, needs=P.PROGRAMME, name="programme-ask", writes=True,
         sample=views.sample),
    page("programme/cars/<int:pk>/answer", views.answer, needs=AppointmentsP.CHECK, name="programme-answer", writes=True,
         sample=views.sample),
    page("programme/cars/<int:pk>/heard", views.heard, needs=P.PROGRAMME, name="programme-heard", writes=True,
         sample=views.sample),
]  # fmt: skip
