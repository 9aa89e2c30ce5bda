"""How each kind of to-do is called, and on which page it is done. A new kind adds a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.appointments.following import DEPOSIT, NAMES, PAPERS, RECEIVE, REMIND, SALES_TEXT
from huichang.domains.parts.settling import PUT_BACK
from huichang.domains.reminders.operations.programme import ANSWERED, FIX, TALK, WANTED
from huichang.domains.worklist.models import ToDo


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` is Chinese (translated on display); `page` opens the to-do's target."""

    title: str
    icon: str
    page: str

    @property
    def label(self) -> str:
        return _(self.title)


KINDS: Mapping[str, Kind] = {
    PUT_BACK: Kind(gettext_noop("配件退回货架"), "arrow-back-up", "staff:parts-slip"),
    PAPERS: Kind(gettext_noop("重打预约单据"), "printer", "staff:booking"),
    DEPOSIT: Kind(gettext_noop("退定金"), "cash", "staff:booking"),
    SALES_TEXT: Kind(gettext_noop("告知首保客户明天谁接待"), "message", "staff:booking"),
    REMIND: Kind(gettext_noop("提醒客户快到时间了"), "bell", "staff:booking"),
    RECEIVE: Kind(gettext_noop("一起接待客户"), "user-check", "staff:booking"),
    NAMES: Kind(gettext_noop("告知客户换了人"), "message", "staff:booking"),
    TALK: Kind(gettext_noop("了解用车习惯"), "steering-wheel", "staff:programme-card"),
    FIX: Kind(gettext_noop("定下到店时间"), "calendar-time", "staff:programme-card"),
    WANTED: Kind(gettext_noop("销售顾问问时间"), "clock", "staff:programme-card"),
    ANSWERED: Kind(gettext_noop("预约专员答复"), "message-2", "staff:programme-card"),
}
_OTHER = Kind(gettext_noop("待办"), "checklist", "")


def kind_of(todo: ToDo) -> Kind:
    return KINDS.get(todo.kind, _OTHER)


def link_of(todo: ToDo) -> str:
    """Where it is done; empty when nowhere."""
    page = kind_of(todo).page
    return reverse(page, args=[todo.target_id]) if page and todo.target_id else ""
