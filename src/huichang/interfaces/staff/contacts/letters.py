"""Letters: written, printed together, entered in the register of letters (CAL-17)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huichang.domains.contacts.models import Message, MessageStatus
from huichang.domains.contacts.operations import letter_returned, post_letters, write_letter
from huichang.domains.customers.models import Customer
from huichang.domains.customers.queries import search
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.messages import names
from huichang.interfaces.staff.contacts.sending_forms import LetterForm, template_label
from huichang.kernel.operations import OperationRefused

SHOWN = 200


def listing(request: StaffRequest) -> HttpResponse:
    """Letters to print, and the register of those that went."""
    rows = Message.objects.filter(channel="letter").select_related("customer").order_by("-created_at", "-pk")
    found = list(rows[:SHOWN])
    for letter in found:
        letter.kind_label = template_label(letter.template_name)  # type: ignore[attr-defined]  # for the page only
    waiting = [letter for letter in found if letter.status == MessageStatus.WAITING]
    gone = [letter for letter in found if letter.status != MessageStatus.WAITING]
    return render(request, "staff/contacts/letters.html", {"waiting": waiting, "gone": gone, **names()})


def write(request: StaffRequest) -> HttpResponse:
    """Choose a customer, then write to them."""
    pk = request.GET.get("customer", "")
    customer = get_object_or_404(Customer, pk=int(pk)) if pk.isdigit() else None
    text = request.GET.get("q", "").strip()
    form = LetterForm(request.POST or None)
    if request.method == "POST" and customer and form.is_valid():
        try:
            letter = write_letter(
                customer=customer, actor=request.actor, now=request.now, **form.cleaned_data
            )
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("信函 {number} 等待打印。").format(number=letter.register_number))
            return redirect("staff:letters")
    hits = search(dealer=request.dealer, text=text, most=10) if text and not customer else []
    context = {
        "form": form,
        "customer": customer,
        "q": text,
        "hits": [hit for hit in hits if hit.customer_id],
    }
    return render(request, "staff/contacts/letter.html", context, status=422 if form.errors else 200)


def printed(request: StaffRequest) -> HttpResponse:
    """The waiting letters, one a page; `?letter=` for one of any status."""
    rows = Message.objects.filter(channel="letter").select_related("customer").order_by("pk")
    pk = request.GET.get("letter", "")
    rows = rows.filter(pk=int(pk)) if pk.isdigit() else rows.filter(status=MessageStatus.WAITING)
    return render(
        request, "staff/contacts/letters_print.html", {"letters": list(rows[:SHOWN]), "now": request.now}
    )


def posted(request: StaffRequest) -> HttpResponse:
    """The ticked letters were posted."""
    chosen = [int(pk) for pk in request.POST.getlist("letter") if pk.isdigit()]
    letters = list(Message.objects.filter(pk__in=chosen, channel="letter"))
    number = post_letters(letters=letters, actor=request.actor, now=request.now)
    messages.success(
        request,
        ngettext("{number} 封信函已登记寄出。", "{number} 封信函已登记寄出。", number).format(number=number),
    )
    return redirect("staff:letters")


def returned(request: StaffRequest, pk: int) -> HttpResponse:
    """The post brought a letter back."""
    letter = get_object_or_404(Message, pk=pk)
    try:
        letter_returned(
            letter=letter, reason=request.POST.get("reason", "").strip(), actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已登记退回。"))
    return redirect("staff:letters")
