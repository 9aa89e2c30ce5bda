"""Template filters and tags of the pages (a built-in library: no `{% load %}` needed).

`{% querystring page=2 %}` is Django's own and available too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from huichang.ui import formats, icons

register = template.Library()
logger = logging.getLogger(__name__)
FULL = 100
NEARLY_FULL = 80

for _name in (
    "day", "weekday", "day_short", "month", "clock", "moment", "days_left", "duration", "thousands",
    "money", "money_round", "kilometres", "percent", "plate", "plate_kind", "mask_mobile", "phone", "mask_tail",
    "listed",
):  # fmt: skip
    register.filter(_name, getattr(formats, _name))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite; with a `label` it is read aloud, without one it is decoration.

    An unknown name raises LookupError while developing; on a live site a plain circle stands in.
    """
    if name not in icons.drawn():
        if settings.DEBUG:
            message = f"icon {name!r} is not in ui/icons.txt"
            raise LookupError(message)
        logger.warning("icon %r is not in ui/icons.txt", name)
        name = "circle"
    href = f"{static('ui/vendor/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="ui-icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="ui-icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.filter
def share_of(value: float | None, maximum: float | None) -> str:
    """Return `value / maximum` as a whole number 0 to 100, for the widths of bars."""
    if not value or not maximum:
        return "0"
    return str(max(0, min(100, round(100 * float(value) / float(maximum)))))


@register.filter
def load_tone(share: str | float) -> str:
    """Return the colour of a load in percent: calm below 80, amber below 100, red from there."""
    number = float(share)
    if number >= FULL:
        return "bad"
    return "warn" if number >= NEARLY_FULL else "accent"


@register.filter
def first_items(groups: Iterable[Any], count: int) -> list[Any]:
    """Return the first items over all groups of the rail, for the bar at the bottom of a phone."""
    found = (group["items"] if isinstance(group, dict) else group.items for group in groups or ())
    return list(islice(chain.from_iterable(found), count))


@register.filter
def named(names: Mapping[str, Any], key: str) -> Any:
    """Return what a mapping calls `key`; the key itself when it has no name."""
    return names.get(key, key)
