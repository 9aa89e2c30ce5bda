"""The catalogue of parts and the suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from huichang.domains.parts.models import GoodsKind, PackagePart, Part, Supplier
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


@operation(P.EDIT)
def save_part(*, part: Part, actor: Actor, contents: Sequence[tuple[Part, Decimal]] | None = None) -> Part:
    """Save a part, service item or package, new or changed; `contents` are what a package holds (None: as before).

    Raises OperationRefused for a code that is taken, or for stock that would lose its kind.
    """
    if Part.objects.filter(code=part.code).exclude(pk=part.pk).exists():
        raise OperationRefused(_("已经有这个编码。"), field="code")
    if part.pk and not part.is_stocked and part.balances.exclude(on_hand=0).exists():
        raise OperationRefused(_("还有库存的配件不能改类型。"), field="kind")
    part.save()
    if contents is not None:
        _fill(part, contents)
    return part


def _fill(package: Part, contents: Sequence[tuple[Part, Decimal]]) -> None:
    if contents and package.kind != GoodsKind.PACKAGE:
        raise OperationRefused(_("只有套餐可以包含别的配件。"), field="kind")
    if any(not part.is_stocked for part, _quantity in contents):
        raise OperationRefused(_("套餐里只能放配件。"), field="contents")
    PackagePart.objects.filter(package=package).delete()
    for part, quantity in contents:
        PackagePart.objects.create(dealer_id=package.dealer_id, package=package, part=part, quantity=quantity)


@operation(P.EDIT)
def save_supplier(*, supplier: Supplier, actor: Actor) -> Supplier:
    """Save a supplier, new or changed. Raises OperationRefused for a name that is taken."""
    if Supplier.objects.filter(name=supplier.name).exclude(pk=supplier.pk).exists():
        raise OperationRefused(_("已经有这个供应商。"), field="name")
    supplier.save()
    return supplier
