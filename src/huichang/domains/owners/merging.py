"""What two records of one customer asked about their data: `settings.CUSTOMER_MERGE_RULES`."""

from __future__ import annotations

from huichang.domains.customers.merging import Merging
from huichang.domains.owners.models import PrivacyRequest, RequestStatus


def join_requests(merging: Merging) -> None:
    """The same open request on both is one: the first that was asked, with its time limit and the words of both."""
    rows = PrivacyRequest.objects.filter(
        customer__in=(merging.kept, merging.dropped), status=RequestStatus.OPEN
    ).order_by("asked_at", "pk")
    first: dict[str, PrivacyRequest] = {}
    for row in rows:
        earlier = first.setdefault(row.kind, row)
        if earlier is row:
            continue
        words = dict.fromkeys(text for text in (earlier.text, row.text) if text)
        earlier.text = "; ".join(words)[:400]
        row.delete()
        earlier.save(update_fields=["text"])
