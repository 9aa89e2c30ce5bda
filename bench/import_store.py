"""Time and memory of importing a whole store, and whether they grow with the rows as they should.

python -m bench.import_store [FOLDER]     default: the demo's export; the control is the same export with half the cars
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.harness import scratch_database, seconds

CARS = 3000


def main() -> None:
    """Each import runs in a process of its own, so that its peak memory is its own."""
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with scratch_database(), tempfile.TemporaryDirectory() as temporary:
        from huichang.domains.intake.demo import write_export

        folders = {}
        for cars in (CARS // 2, CARS):
            folders[f"{cars} cars"] = Path(temporary) / str(cars)
            folders[f"{cars} cars"].mkdir()
            write_export(folders[f"{cars} cars"], today=date(2026, 6, 1), cars=cars)
        if given:
            folders[given.name] = given
        measured = [
            (name, *_measure(name, folder, number)) for number, (name, folder) in enumerate(folders.items())
        ]
    half, full = (one[1:4] for one in measured[:2])
    print("| export | rows | seconds | again | rows a second | peak memory |\n|---|---|---|---|---|---|")  # fmt: skip
    for name, count, first, peak, again in measured:
        print(f"| {name} | {count:,} | {first:.1f} | {again:.1f} | {count / first:,.0f} | {peak:.0f} MB |")
    rows, time, memory = (more / less for more, less in zip(full, half, strict=True))
    print(f"\nrows × {rows:.2f} → time × {time:.2f}, memory × {memory:.2f}")


_CHILD = """
import json, resource, sys
from huichang.interfaces.console.main import main
import contextlib, io
out = io.StringIO()
with contextlib.redirect_stdout(out):
    main(["import", sys.argv[1], "--dealer", sys.argv[2], "--json"])
rows = sum(sheet["rows"] for sheet in json.loads(out.getvalue())["sheets"])
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _measure(name: str, folder: Path, number: int) -> tuple[int, float, float, float]:
    """Rows, seconds of the first import, peak memory in MB, seconds of the second import."""
    from django.db import connections

    from huichang.domains.dealers.operations import add_dealer
    from huichang.kernel.actors import system

    code = f"B{number}"
    add_dealer(code=code, name=name, actor=system("bench"))
    connections.close_all()
    found: list[str] = []

    def run() -> None:
        command = [sys.executable, "-c", _CHILD, str(folder), code]
        found.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    first = seconds(run)
    again = seconds(run)
    rows, peak = found[0].split()
    return int(rows), first, float(peak), again


if __name__ == "__main__":
    main()
