"""Sixteen connections race for the slots of one store's day for 30 seconds: no double booking, no error.

Each books, holds, moves and cancels at random through the operations, as many agents would. Prints what they met, and
counts overlaps and over-booked skills afterwards without any index.
    .venv/bin/python -m bench.booking_race [seconds]
"""

from __future__ import annotations

import sys

from bench.harness import scratch_database

COLUMNS = (
    "connections", "seconds", "tries", "booked", "moved", "cancelled", "refused politely", "double bookings",
    "over capacity", "errors",
)  # fmt: skip


def main() -> int:
    lasting = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with scratch_database():
        from tests.factories import booking_race as race

        store, jobs, visits = race.busy_store()
        met = race.run(store, jobs, visits, lasting)
        twice, over = race.overlaps(store), race.over_capacity(store)
    count = met.outcomes
    refused = count["SlotTaken"] + count["TransitionRefused"]
    figures = (
        len(visits), lasting, sum(count.values()), count["booked"], count["moved"], count["cancelled"], refused, twice,
        len(over), len(met.errors),
    )  # fmt: skip
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    print(f"| {' | '.join(map(str, figures))} |")
    for error in met.errors[:5]:
        print(error)
    return 1 if twice or over or met.errors else 0


if __name__ == "__main__":
    sys.exit(main())
