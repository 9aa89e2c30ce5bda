"""What templates of staff pages may ask about the person who reads them.."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.urls import reverse

from huichang.interfaces.pages import PAGES, may_open

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def way_to(context: Context, name: str) -> str:
    """Address of the page `name` when the reader may open it, else nothing.

    For the next step of an empty page: `{% load staff %}{% way_to "imports" as imports %}{% if imports %}<c-button href="…">`.
    """
    request = context["request"]
    return reverse(f"staff:{name}") if may_open(request, PAGES[name]) else ""
