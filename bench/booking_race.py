"""Sixteen connections race for the slots of one store's day for 30 seconds: no double booking, no error.

Each books, holds, moves and cancels at random through the operations, as many agents would. Prints what they met, and
counts overlaps and over-booked skills afterwards without any index.
    .venv/bin/python -m bench.booking_race [seconds]
"""

from __future__ import annotations

import sys
import threading
import time

from bench.harness import scratch_database

CONNECTIONS = 16


def main() -> int:
    lasting = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with scratch_database():
        from tests.domains.appointments import test_race as race

        store, jobs, visits = race._busy_store()
        met, until = race.Race(), time.monotonic() + lasting
        agents = [
            threading.Thread(target=race._one_agent, args=(number, store, jobs, visits[number], met, until))
            for number in range(CONNECTIONS)
        ]
        for agent in agents:
            agent.start()
        for agent in agents:
            agent.join()
        twice, over = race.overlaps(store), race.over_capacity(store)
    tries = sum(met.outcomes.values())
    print(
        "| connections | seconds | tries | booked | moved | cancelled | refused politely | double bookings | over capacity | errors |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(
        f"| {CONNECTIONS} | {lasting} | {tries} | {met.outcomes['booked']} | {met.outcomes['moved']} |"
        f" {met.outcomes['cancelled']} | {met.outcomes['SlotTaken'] + met.outcomes['TransitionRefused']} |"
        f" {twice} | {len(over)} | {len(met.errors)} |"
    )
    for error in met.errors[:5]:
        print(error)
    return 1 if twice or over or met.errors else 0


if __name__ == "__main__":
    sys.exit(main())
