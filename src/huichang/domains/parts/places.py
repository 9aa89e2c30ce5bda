"""Where parts lie: the store's main warehouse, the shelf of baskets, a part's own place. Only the operations call this."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huichang.domains.parts import ledger
from huichang.domains.parts.models import Bin, IssueSlip, Part, SlipStatus, Warehouse, WarehouseKind
from huichang.kernel.operations import OperationRefused

MAIN, SHELF = "MAIN", "PREP"
NOWHERE = "—"  # the place of parts whose export names none
_NAMES = {MAIN: ("主库", WarehouseKind.STOCK), SHELF: ("预约准备货架", WarehouseKind.SHELF)}


def warehouse(dealer_id: int, code: str) -> Warehouse:
    """The main warehouse or the preparation shelf, made when first needed."""
    name, kind = _NAMES[code]
    found, _made = Warehouse.objects.get_or_create(
        dealer_id=dealer_id, code=code, defaults={"name": name, "kind": kind}
    )
    return found


def own_place(part: Part) -> int:
    """Id of the place a part is put into: where it lies, else where the catalogue says, else nowhere in particular."""
    if known := ledger.latest_place(part):
        return known
    main = warehouse(part.dealer_id, MAIN)
    place, _made = Bin.objects.get_or_create(
        dealer_id=part.dealer_id,
        warehouse=main,
        code=part.location or NOWHERE,
        defaults={"is_pickable": True},
    )
    return place.pk


def free_basket(dealer_id: int, baskets: int) -> Bin:
    """A place on the shelf without a basket; a new shelf gets `baskets` places. Raises OperationRefused when full."""
    shelf = warehouse(dealer_id, SHELF)
    if not shelf.bins.exists():
        Bin.objects.bulk_create(
            Bin(dealer_id=dealer_id, warehouse=shelf, code=f"P{number:02d}", is_pickable=False)
            for number in range(1, baskets + 1)
        )
    in_use = IssueSlip.objects.filter(
        basket__isnull=False, status__in=[SlipStatus.OPEN, SlipStatus.DRAWN, SlipStatus.RETURNING]
    ).values("basket_id")
    places = Bin.objects.filter(warehouse__kind=WarehouseKind.SHELF, is_active=True).exclude(pk__in=in_use)
    # Two clerks who draw at once take different places; the unique constraint stands behind it.
    found = places.order_by("code").select_for_update(skip_locked=True, of=("self",)).first()
    if found is None:
        raise OperationRefused(_("预约准备货架上没有空筐位。请先退库或出库,或在“仓库与库位”里增加筐位。"))
    return found
