"""The export of a whole store with planted dirt: every class is found, as often as it was planted (docs/import.md).

Skipped where the data is not at hand; set HUICHANG_STORE_DATA to another copy of it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from huichang.domains.customers.models import Car, Ownership
from huichang.domains.intake.models import RecordToDo
from huichang.domains.workshop.models import ServiceOrder
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import counts, load
from tests.factories.world import make_dealer

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("HUICHANG_STORE_DATA", ROOT.parent / "shared" / "data" / "store"))
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (DATA / "MANIFEST.json").exists(), reason="the store's export is not at hand"),
]

# Class of dirt → where its count shows: (group, name) of a sheet's counts, or the code of a refusal.
FIXED = {
    "plate_fullwidth_fixable": "plate_fullwidth", "plate_lower_dot_fixable": "plate_lower_dot",
    "mobile_punctuated_fixable": "mobile_punctuated", "date_slash_text_fixable": "date_slash_text",
    "date_chinese_text_fixable": "date_chinese_text", "date_excel_serial_fixable": "date_excel_serial",
    "mileage_text_fixable": "mileage_text", "birth_zero_blank": "birth_zero", "note_sold_on": "note_sold_on",
}  # fmt: skip
SET_ASIDE = {
    "mobile_10_digits_bad": "mobile_length", "idno_checksum_bad": "id_checksum", "mileage_absurd_bad": "mileage_range",
    "warranty_end_before_start_bad": "date_order",
}  # fmt: skip
REFUSED = {
    "vin_16_bad": "17位", "vin_letter_O_bad": "没有 I、O、Q", "vin_check_digit_bad": "校验不通过",
    "name_missing_bad": "是空的", "name_formula_injection": "公式",
}  # fmt: skip
OTHER = {
    "row_exact_duplicate", "same_vin_new_owner", "order_mileage_rolls_back", "order_total_off_by_10",
    "order_of_unknown_car",
}  # fmt: skip


def test_every_class_of_the_manifest_has_the_outcome_that_the_table_promises(tmp_path: Path) -> None:
    manifest: dict[str, Any] = json.loads((DATA / "MANIFEST.json").read_text(encoding="utf-8"))
    dirt: dict[str, int] = manifest["dirt"]
    assert set(dirt) == {*FIXED, *SET_ASIDE, *REFUSED, *OTHER}
    store = make_dealer()
    files = sorted(path for path in DATA.iterdir() if path.suffix in {".xlsx", ".csv"})
    _run, result = load(store, *files)
    sheets = {sheet["kind"]: sheet for sheet in result["sheets"]}
    owners, orders = sheets["customers"], sheets["orders"]

    assert {name: owners["fixed"][FIXED[name]] for name in FIXED} == {name: dirt[name] for name in FIXED}
    assert {n: owners["set_aside"][SET_ASIDE[n]] for n in SET_ASIDE} == {n: dirt[n] for n in SET_ASIDE}
    reasons = [one["reason"] for one in result["refusals"] if one["sheet"] == owners["sheet"]]
    assert {n: sum(REFUSED[n] in reason for reason in reasons) for n in REFUSED} == {
        n: dirt[n] for n in REFUSED
    }
    assert owners["merged"] == dirt["row_exact_duplicate"]
    assert owners["updated"] == dirt["same_vin_new_owner"]
    flagged = orders["flagged"]
    assert flagged["total_off"] == dirt["order_total_off_by_10"]
    assert flagged["mileage_rolls_back"] + flagged["mileage_leaps"] == dirt["order_mileage_rolls_back"]

    assert owners["rows"] == manifest["customer_rows"]
    assert orders["rows"] == manifest["orders"]
    assert sheets["order_lines"]["rows"] == manifest["order_lines"]
    for index in range(len(result["sheets"])):
        counts(result, index)  # adds up
    with dealer_scope(store.pk):
        ends = Ownership.objects.exclude(end_date=None).count()
        assert ends == dirt["same_vin_new_owner"] + dirt["note_sold_on"]
        assert Car.objects.filter(status="sold_on").count() == dirt["note_sold_on"]
        # Cars of orders only: those nobody listed, and those whose row in the customer sheet was refused.
        unlisted = ServiceOrder.objects.filter(flags__contains=["car_from_order"], number__startswith="RO99")
        assert unlisted.count() == dirt["order_of_unknown_car"]
        assert RecordToDo.objects.filter(code="mobile_length").count() == dirt["mobile_10_digits_bad"]

    _run, again = load(store, *files)
    for before, after in zip(result["sheets"], again["sheets"], strict=True):
        assert after["unchanged"] == before["created"] + before["updated"]
        assert (after["merged"], after["refused"]) == (before["merged"], before["refused"])
