"""Why an owner comes, as the portal's addresses carry it, and the jobs of the catalogue that answer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.catalog.suggestions import suggest
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners.models import OwnerBinding
from huichang.domains.reminders import kinds
from huichang.interfaces.portal.garage import Reminder, findings_of

SERVICE, FAULT = "scheduled_service", "fault"
MOST = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One reason to tick: its code in the address, its name, the line below it, whether it is ticked."""

    code: str
    label: str
    note: str
    is_chosen: bool
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit is about: the codes, their names, and the jobs they come to (none: the store must be called)."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    jobs: tuple[LabourOperation, ...]
    first_service: bool = False

    @property
    def labour_ids(self) -> tuple[int, ...]:
        return tuple(job.pk for job in self.jobs)

    @property
    def has_fault(self) -> bool:
        return FAULT in self.codes


def choices(
    binding: OwnerBinding, reminders: Sequence[Reminder], *, sees_file: bool, is_first: bool = False
) -> list[Choice]:
    """What there is to come for: what is due (the first ticked), what was advised, a service, a fault."""
    due = [one for one in reminders if one.can_book and one.due.kind != "deferred_repair"]
    found = [
        Choice(one.due.kind, one.label, one.why, number == 0, one.tone)
        for number, one in enumerate({one.due.kind: one for one in due}.values())
    ]
    if sees_file:
        found += [
            Choice(f"finding-{one.pk}", one.text, _("上次检查时的建议"), False, "warn")
            for one in findings_of(binding)[:4]
        ]
    if not any(one.code in {"first_service", SERVICE} for one in found):
        code, name = ("first_service", _("首次保养")) if is_first else (SERVICE, _("保养"))
        found.append(Choice(code, name, _("机油机滤和常规检查"), not found))
    found.append(Choice(FAULT, _("有故障要检查"), _("说说现象,可以拍照"), False))
    return found


def visit_of(
    binding: OwnerBinding, dealer: Dealer, codes: Sequence[str], *, due_km: int | None = None
) -> Visit:
    """The jobs that answer these codes; unknown codes are dropped. Four queries at most."""
    codes = tuple(dict.fromkeys(codes))[:MOST]
    labour = catalog.labour(dealer)
    wanted = [code for code in codes if kinds.is_for_workshop(code)]
    ids = {int(code[8:]) for code in codes if re.fullmatch(r"finding-\d{1,18}", code)}
    texts = {one.pk: one.text for one in findings_of(binding) if one.pk in ids} if ids else {}
    if "deferred_repair" in wanted and not texts:
        texts = {one.pk: one.text for one in findings_of(binding)}
    named = [kinds.label(code) for code in wanted if code != "deferred_repair"] + list(texts.values())
    known = [*wanted, *(f"finding-{pk}" for pk in texts)]
    asked = [code for code in wanted if code != "deferred_repair"]
    jobs = suggest(labour, kinds=asked, due_km=due_km) if asked else []
    for text in texts.values():
        jobs += suggest(labour, kinds=["deferred_repair"], findings=[text]) or _checks(labour)
    if FAULT in codes:
        known, named = [*known, FAULT], [*named, _("故障检查")]
        jobs += _checks(labour)
    unique = tuple({job.pk: job for job in jobs}.values())
    return Visit(tuple(known), tuple(named), unique, "first_service" in wanted)


def _checks(labour: Sequence[LabourOperation]) -> list[LabourOperation]:
    """The job by which a fault is looked at: the shortest check or diagnosis of the catalogue, else its shortest job."""
    looking = [row for row in labour if re.search(r"诊断|检测|故障|检查", row.name)]
    found = min(looking or labour, key=lambda row: row.standard_hours, default=None)
    return [found] if found else []
