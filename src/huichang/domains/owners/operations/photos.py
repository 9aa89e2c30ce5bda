from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.dealers.queries import policy
from huichang.domains.owners import policies
from huichang.domains.owners.models import FaultPhoto, OwnerBinding
from huichang.domains.owners.permissions import P
from huichang.domains.owners.pictures import Picture
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.USE)
def keep_photos(
    *, binding: OwnerBinding, reference: str, pictures: Sequence[Picture], actor: Actor, now: datetime
) -> list[FaultPhoto]:
    """Keep pictures with a booking of the binding's car. Raises OperationRefused beyond the policy's number."""
    most = policy(policies.PHOTOS, binding.dealer, local_date(now))
    if FaultPhoto.objects.filter(reference=reference).count() + len(pictures) > most:
        raise OperationRefused(_("每次预约最多 {most} 张照片").format(most=most), field="photos")
    return FaultPhoto.objects.bulk_create(
        FaultPhoto(
            dealer_id=binding.dealer_id, car_id=binding.car_id, reference=reference, account_id=binding.account_id,
            content=one.content, width=one.width, height=one.height, created_at=now,
        )
        for one in pictures
    )  # fmt: skip


@operation(P.USE)
def remove_photo(*, binding: OwnerBinding, photo_id: int, actor: Actor) -> None:
    """Take back a picture one sent. Those of others stay."""
    FaultPhoto.objects.filter(pk=photo_id, car_id=binding.car_id, account_id=binding.account_id).delete()
