"""Parts of a store with 20,000 of them: the stock list, a search in it, and setting three parts aside for a visit.

The controls: the bare page of codes and names by psycopg as the owner, and for the reservation the insert of its three rows
with nothing checked.
    .venv/bin/python -m bench.parts_stock
"""

from __future__ import annotations

import os
import sys
from datetime import date
from decimal import Decimal
from typing import Any

from bench.harness import owner_cursor, p95, report, scratch_database

PARTS, STORES, TIMES = 20_000, 20, 200
TODAY = date(2026, 11, 23)


def main() -> int:
    with scratch_database():
        dealers = _fill()
        print("| what | parts (p95) | control (p95) | ratio | aim | |\n|---|---|---|---|---|---|")
        found = [_page(dealers[0], ""), _page(dealers[0], "零件 19")]
        found.append(_reserve(dealers[0]))
    return 0 if all(found) else 1


def _fill() -> list[int]:
    """`STORES` stores with `PARTS` parts each, ten of each on the shelf."""
    with owner_cursor() as cursor:
        cursor.execute("SELECT set_config('huichang.dealers', '*', false)")
        cursor.execute(
            "INSERT INTO dealers_dealer (code, name, city, address, phone, is_active)"
            " SELECT 'D' || n, '店' || n, '', '', '', true FROM generate_series(1, %s) n RETURNING id", [STORES],
        )  # fmt: skip
        dealers = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO parts_part (dealer_id, code, name, price, lead_days, supplier, location, safety_stock,"
            " counted_stock, counted_on, is_active) SELECT d, 'P' || lpad(n::text, 6, '0'), '零件 ' || n, 10, n %% 9,"
            " '中心库', 'A-' || n %% 500, n %% 20, 10, %s, true FROM unnest(%s::bigint[]) d, generate_series(1, %s) n",
            [TODAY, dealers, PARTS],
        )
        cursor.execute("ANALYZE parts_part")
    _open(dealers)
    with owner_cursor() as cursor:
        cursor.execute("ANALYZE")
    return dealers


def _open(dealers: list[int]) -> None:
    from huichang.domains.parts import batch
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.world import NOW

    for pk in dealers[:3]:
        with dealer_scope(pk):
            batch.open_stock(dealer_id=pk, actor_id=None, actor_name="bench", now=NOW)


def _bare(sql: str, *given: Any) -> float:
    import psycopg

    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection.execute("SELECT set_config('huichang.dealers', '*', false)")
    return p95(lambda _number: connection.execute(sql, given), TIMES)


def _page(dealer_id: int, words: str) -> bool:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.parts import lists
    from huichang.kernel.scoping import dealer_scope

    dealer = Dealer.objects.get(pk=dealer_id)
    with dealer_scope(dealer_id):
        measured = p95(lambda _number: lists.stock_page(dealer, words=words), TIMES)
    control = _bare(
        "SELECT id, code, name FROM parts_part WHERE dealer_id = %s"
        " AND (%s = '' OR strpos(lower(code || ' ' || name), %s) > 0) ORDER BY code LIMIT 50",
        dealer_id, words, words,
    )  # fmt: skip
    return report(f"the stock list{f', looking for {words}' if words else ''}", measured, control, 6.0)


def _reserve(dealer_id: int) -> bool:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.parts import operations
    from huichang.domains.parts.models import IssueSlip, Part, Reservation
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.world import NOW

    dealer, actor = Dealer.objects.get(pk=dealer_id), system("bench")
    with dealer_scope(dealer_id):
        ids = list(Part.objects.order_by("pk").values_list("pk", flat=True)[: 3 * (TIMES + 40) * 2])
        slip = IssueSlip.objects.create(
            dealer=dealer, number="X", reference="X", need_date=TODAY, created_at=NOW
        )

    def reserve(number: int) -> None:
        with dealer_scope(dealer_id):
            lines = [(pk, Decimal(1)) for pk in ids[3 * number : 3 * number + 3]]
            operations.reserve(
                dealer=dealer, reference=f"A{number}", need_date=TODAY, lines=lines, actor=actor, now=NOW
            )

    def insert(number: int) -> None:
        with dealer_scope(dealer_id):
            Reservation.objects.bulk_create(
                Reservation(dealer=dealer, slip=slip, part_id=pk, reference="X", need_date=TODAY, quantity=1,
                            created_at=NOW)
                for pk in ids[-3 * number - 3 : -3 * number or None]
            )  # fmt: skip

    return report("setting three parts aside", p95(reserve, TIMES), p95(insert, TIMES), 12.0)


if __name__ == "__main__":
    sys.exit(main())
