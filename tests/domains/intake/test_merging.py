"""What an import makes of a store's file: nothing vanishes, again changes nothing, owners and histories stay apart."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huichang.domains.customers.models import Car, Customer, CustomerPhone, Ownership
from huichang.domains.customers.operations import call_through, merge_customers
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.models import ImportMapping, ImportRefusal, RecordToDo, StagedRow
from huichang.domains.intake.queries import refused_workbook
from huichang.domains.vehicles.models import OdometerReading, Vehicle
from huichang.domains.workshop.models import Finding, OrderLine, ServiceOrder
from huichang.kernel.models import ChangeRecord
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import (
    ACTOR,
    ORDER_HEADS,
    OWNER_HEADS,
    a_vin,
    an_id,
    counts,
    load,
    order,
    owner,
    write_csv,
    write_xlsx,
)
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Dealer:
    return make_dealer("E01", "东区店")


def owners(folder: Path, *rows: list[Any], day: str = "2026-03-01", name: str = "客户.xlsx") -> Path:
    return write_xlsx(folder / name, {"客户": [[f"导出日期 {day}"], OWNER_HEADS, *rows]})


def orders(folder: Path, *rows: list[Any], name: str = "工单.xlsx") -> Path:
    return write_xlsx(folder / name, {"工单": [ORDER_HEADS, *rows]})


def changes_of(store: Dealer) -> int:
    """Recorded changes of facts; the run itself is one too."""
    with dealer_scope(store.pk):
        return ChangeRecord.objects.exclude(table_name="intake_importrun").count()


def test_a_row_becomes_a_customer_with_a_car(store: Dealer, tmp_path: Path) -> None:
    row = owner(1, 移动电话="138 0175-4045", 车牌号="沪a·00001", 开票日期="2022年3月5日")
    _run, result = load(store, owners(tmp_path, row))
    assert counts(result) == {"created": 1}
    assert result["sheets"][0]["fixed"] == {
        "date_chinese_text": 1,
        "mobile_punctuated": 1,
        "plate_lower_dot": 1,
    }
    with dealer_scope(store.pk):
        car = Car.objects.select_related("vehicle").get()
        held = Ownership.objects.select_related("customer").get(car=car)
        assert (car.plate, car.vehicle.vin, car.vehicle.series) == ("沪A00001", a_vin(1), "福克斯")
        assert car.vehicle.sale_date == date(2022, 3, 5)
        assert (held.start_date, held.end_date) == (date(2022, 3, 5), None)
        assert held.customer.id_number == row[2]
        assert CustomerPhone.objects.get(customer=held.customer, is_primary=True).number == "13801754045"
        assert ChangeRecord.objects.filter(
            table_name="customers_car", row_id=car.pk, actor_name="test"
        ).exists()
        assert not StagedRow.objects.exists()


def test_again_changes_nothing_and_a_later_export_updates(store: Dealer, tmp_path: Path) -> None:
    first = owners(tmp_path, owner(1), owner(2), owner(2))
    load(store, first, orders(tmp_path, order(1, 1), order(2, 2)))
    changes = changes_of(store)
    _run, again = load(store, first, tmp_path / "工单.xlsx")
    assert counts(again, 0) == {"unchanged": 2, "merged": 1}
    assert counts(again, 1) == {"unchanged": 2}
    assert changes_of(store) == changes
    _run, later = load(store, owners(tmp_path, owner(1), owner(2, 车牌号="沪B99999"), day="2026-04-01"))
    assert counts(later) == {"unchanged": 1, "updated": 1}
    with dealer_scope(store.pk):
        assert Car.objects.get(vehicle__vin=a_vin(2)).plate == "沪B99999"


def test_a_dry_run_keeps_nothing_and_tells_the_same(store: Dealer, tmp_path: Path) -> None:
    files = owners(tmp_path, owner(1), owner(2, 客户名称="")), orders(tmp_path, order(1, 1))
    _run, tried = load(store, *files, is_dry_run=True)
    with dealer_scope(store.pk):
        assert not Car.objects.exists()
        assert not Vehicle.objects.exists()
        assert not RecordToDo.objects.exists()
    _run, done = load(store, *files)
    assert tried == done


def test_bad_rows_are_refused_and_come_back_to_be_corrected(store: Dealer, tmp_path: Path) -> None:
    short, wrong = a_vin(3)[:16], "LATPAB072W1005301"
    run, result = load(
        store,
        owners(tmp_path, owner(1), owner(2, 客户名称=""), owner(3, 车架号=short), owner(4, 车架号=wrong)),
    )
    assert counts(result) == {"created": 1, "refused": 3}
    told = [(one["sheet"], one["row"], one["column"], one["value"]) for one in result["refusals"]]
    assert told == [("客户", 4, "客户名称", ""), ("客户", 5, "车架号", short), ("客户", 6, "车架号", wrong)]
    assert all(one["reason"] and one["remedy"] for one in result["refusals"])
    with dealer_scope(store.pk):
        book = CalamineWorkbook.from_filelike(io.BytesIO(refused_workbook(run)))
    rows = book.get_sheet_by_name("客户").to_python()
    assert rows[0] == [*OWNER_HEADS, "原因", "处理办法"]
    rows[1][1], rows[2][5], rows[3][5] = "张三", a_vin(3), f"{wrong}!"
    _run, corrected = load(store, write_xlsx(tmp_path / "corrected.xlsx", {"客户": rows}))
    assert counts(corrected) == {"created": 3}


def test_a_bad_cell_that_is_not_essential_waits_as_a_todo(store: Dealer, tmp_path: Path) -> None:
    row = owner(
        1, 移动电话="1380175404", 最近里程=3_045_100, 证件号码="110105194912310021", 保修结束日期="2022-02-03"
    )
    _run, result = load(store, owners(tmp_path, row))
    assert counts(result) == {"created": 1}
    with dealer_scope(store.pk):
        told = {(todo.record, todo.field, todo.code) for todo in RecordToDo.objects.all()}
        assert told == {
            ("customer", "mobile", "mobile_length"), ("customer", "id_number", "id_checksum"),
            ("car", "mileage", "mileage_range"), ("car", "warranty_end", "date_order"),
        }  # fmt: skip
        assert Vehicle.objects.get().warranty_end_date is None
        assert RecordToDo.objects.get(field="mobile").value == "1380175404"
    load(store, tmp_path / "客户.xlsx")
    load(store, owners(tmp_path, owner(1, 证件号码="", 最近里程=""), day="2026-04-01"))
    with dealer_scope(store.pk):
        open_fields = set(RecordToDo.objects.filter(done_at=None).values_list("field", flat=True))
        assert RecordToDo.objects.count() == 4
        assert open_fields == {"id_number", "mileage"}  # the later export answered the other two


def test_a_new_owner_ends_the_old_ownership_and_takes_no_history(store: Dealer, tmp_path: Path) -> None:
    heir = owner(
        1, 客户编号="C99999", 客户名称="李新", 移动电话="13912345678", 证件号码="", 备注="二手车新车主"
    )
    rows = owners(tmp_path, heir, owner(1))  # whoever stands first
    _run, result = load(store, rows, orders(tmp_path, order(1, 1)))
    assert counts(result, 0) == {"created": 1, "updated": 1}
    with dealer_scope(store.pk):
        old, new = Ownership.objects.select_related("customer").order_by("start_date")
        assert (old.customer.number, old.start_date, old.end_date) == (
            "C00001",
            date(2022, 3, 5),
            date(2026, 3, 1),
        )
        assert (new.customer.number, new.start_date, new.end_date) == ("C99999", date(2026, 3, 1), None)
        assert ServiceOrder.objects.get().customer == old.customer
    _run, again = load(store, rows)
    assert counts(again) == {"unchanged": 2}


def test_a_car_noted_as_sold_leaves_the_base_and_a_buyer_brings_it_back(
    store: Dealer, tmp_path: Path
) -> None:
    load(store, owners(tmp_path, owner(1, 备注="车辆已过户,新车主电话待补")))
    with dealer_scope(store.pk):
        assert Car.objects.get().status == "sold_on"
        assert Ownership.objects.get().end_date == date(2026, 3, 1)
    buyer = owner(1, 客户编号="C77777", 客户名称="赵买主", 证件号码="", 移动电话="13712345678")
    load(store, owners(tmp_path, buyer, day="2026-04-01"))
    with dealer_scope(store.pk):
        assert Car.objects.get().status == "active"
        assert Ownership.objects.get(end_date=None).customer.name == "赵买主"


def test_an_order_of_an_unknown_car_creates_the_car(store: Dealer, tmp_path: Path) -> None:
    _run, result = load(store, orders(tmp_path, order(1, 7), order(2, 8, 车架号="")))
    assert counts(result) == {"created": 1, "refused": 1}
    assert result["refusals"][0]["value"] == "沪A00008"
    with dealer_scope(store.pk):
        found = ServiceOrder.objects.select_related("car__vehicle").get()
        assert (found.car.vehicle.vin, found.car.plate, found.flags) == (
            a_vin(7),
            "沪A00007",
            ["car_from_order"],
        )
        assert RecordToDo.objects.get().code == "owner_unknown"
    _run, later = load(store, owners(tmp_path, owner(7)))
    assert counts(later) == {"updated": 1}
    with dealer_scope(store.pk):
        assert ServiceOrder.objects.get().customer == Customer.objects.get()
        assert RecordToDo.objects.filter(done_at=None).count() == 0


def test_totals_and_mileages_in_doubt_are_kept_and_flagged(store: Dealer, tmp_path: Path) -> None:
    rows = [
        order(1, 1, 进厂日期="2023-01-05", 里程=10000),
        order(2, 1, 进厂日期="2023-07-05", 里程=2000),
        order(3, 1, 进厂日期="2024-01-05", 里程=20000, 实收=610),
        order(4, 1, 进厂日期="2024-01-15", 里程=90000),
    ]
    load(store, owners(tmp_path, owner(1, 最近里程="")), orders(tmp_path, *rows))
    with dealer_scope(store.pk):
        flags = dict(ServiceOrder.objects.order_by("number").values_list("number", "flags"))
        assert list(flags.values()) == [[], ["mileage_rolls_back"], ["total_off"], ["mileage_leaps"]]
        assert list(ServiceOrder.objects.order_by("number").values_list("km", flat=True)) == [
            10000,
            2000,
            20000,
            90000,
        ]
        doubts = dict(OdometerReading.objects.exclude(doubt="").values_list("km", "status"))
        assert doubts == {2000: "suspect", 90000: "suspect"}
        car = Car.objects.get()
        assert (car.last_visit_date, car.last_visit_km) == (date(2024, 1, 15), 20000)


def test_lines_belong_to_their_orders_and_equal_lines_are_two(store: Dealer, tmp_path: Path) -> None:
    heads = ("工单号", "类别", "项目编码", "项目名称", "数量", "单价", "金额")
    tyre = ("RO00000001", "配件", "P1", "轮胎", 1, 500, 500)
    lines = write_csv(
        tmp_path / "明细.csv",
        [heads, tyre, tyre, ("RO9", "工时", "L1", "换胎", 1, 80, 80)],
        charset="gb18030",
    )
    _run, result = load(store, orders(tmp_path, order(1, 1)), lines)
    assert counts(result, 1) == {"created": 2, "refused": 1}
    with dealer_scope(store.pk):
        assert list(OrderLine.objects.order_by("position").values_list("position", "kind")) == [
            (1, "part"),
            (2, "part"),
        ]


LINE_HEADS = ("工单号", "类别", "项目编码", "项目名称", "数量", "单价", "金额")


def line(number: int, name: str, price: float | str = 80) -> tuple[Any, ...]:
    return (f"RO{number:08d}", "工时", "L1", name, 1, price, price)


def lines(folder: Path, *rows: tuple[Any, ...]) -> Path:
    return write_csv(folder / "明细.csv", [LINE_HEADS, *rows], charset="gb18030")


def names_of_lines(store: Dealer) -> list[str]:
    with dealer_scope(store.pk):
        return list(OrderLine.objects.order_by("order__number", "position").values_list("name", flat=True))


def test_a_later_export_takes_lines_off_an_order_and_the_history_says_which(
    store: Dealer, tmp_path: Path
) -> None:
    others = line(2, "洗车")
    load(
        store,
        orders(tmp_path, order(1, 1), order(2, 2)),
        lines(tmp_path, line(1, "保养"), line(1, "换胎"), line(1, "四轮定位"), others),
    )
    later = lines(tmp_path, line(1, "保养"), line(1, "四轮定位"), others)
    _run, result = load(store, later)
    assert names_of_lines(store) == ["保养", "四轮定位", "洗车"]
    assert counts(result) == {"updated": 2, "unchanged": 1}
    assert result["sheets"][0]["flagged"] == {"lines_gone": 1}
    with dealer_scope(store.pk):
        told = ChangeRecord.objects.get(table_name="workshop_serviceorder", changes__has_key="lines")
        assert told.row_id == ServiceOrder.objects.get(number="RO00000001").pk
        assert "四轮定位" in told.changes["lines"][0][0]
    changes = changes_of(store)
    _run, again = load(store, later)
    assert (counts(again), again["sheets"][0]["flagged"]) == ({"unchanged": 3}, {})
    assert changes_of(store) == changes


def test_orders_an_export_does_not_name_keep_their_lines(store: Dealer, tmp_path: Path) -> None:
    load(
        store,
        orders(tmp_path, order(1, 1), order(2, 2)),
        lines(tmp_path, line(1, "保养"), line(2, "洗车")),
    )
    load(store, lines(tmp_path, line(2, "洗车")))
    assert names_of_lines(store) == ["保养", "洗车"]


def test_a_refused_line_takes_nothing_off_and_comes_back_behind_the_others(
    store: Dealer, tmp_path: Path
) -> None:
    whole = line(1, "保养"), line(1, ""), line(1, "四轮定位")
    run, result = load(store, orders(tmp_path, order(1, 1)), lines(tmp_path, *whole))
    assert counts(result, 1) == {"created": 2, "refused": 1}
    with dealer_scope(store.pk):
        rows = CalamineWorkbook.from_filelike(io.BytesIO(refused_workbook(run))).get_sheet_by_index(0)
    sheet = rows.to_python()
    sheet[1][3] = "换胎"
    corrected = write_xlsx(tmp_path / "corrected.xlsx", {"明细": sheet})
    assert counts(load(store, corrected)[1]) == {"created": 1}
    assert names_of_lines(store) == ["保养", "四轮定位", "换胎"]
    assert counts(load(store, corrected)[1]) == {"unchanged": 1}
    _run, again = load(store, lines(tmp_path, *whole))
    assert (counts(again), again["sheets"][0]["flagged"]) == ({"unchanged": 2, "refused": 1}, {})
    assert names_of_lines(store) == ["保养", "四轮定位", "换胎"]
    _run, good = load(store, lines(tmp_path, line(1, "保养"), line(1, "换胎"), line(1, "四轮定位")))
    assert names_of_lines(store) == ["保养", "换胎", "四轮定位"]
    assert good["sheets"][0]["flagged"] == {}


def test_one_number_on_two_cars_is_refused_with_its_lines(store: Dealer, tmp_path: Path) -> None:
    heads = ("工单号", "类别", "项目编码", "项目名称", "数量", "单价", "金额")
    lines = write_csv(
        tmp_path / "明细.csv", [heads, ("RO00000001", "工时", "L1", "保养", 1, 80, 80)], charset="utf-8"
    )
    _run, result = load(store, orders(tmp_path, order(1, 1), order(1, 2)), lines)
    assert counts(result, 0) == {"created": 1, "refused": 1}
    assert counts(result, 1) == {"refused": 1}


def test_findings_find_their_order_and_what_is_done_stays_done(store: Dealer, tmp_path: Path) -> None:
    heads = ("工单号", "车牌号", "建议内容", "建议日期", "状态")
    advice = tmp_path / "建议.csv"
    row = ["RO00000001", "沪A00001", "更换刹车片", "2024-05-06", "客户推迟"]
    write_csv(advice, [heads, row], charset="gb18030")
    load(store, orders(tmp_path, order(1, 1)), advice)
    with dealer_scope(store.pk):
        finding = Finding.objects.get()
        assert (finding.order.number if finding.order else "", finding.status) == ("RO00000001", "postponed")
    write_csv(advice, [heads, [*row[:4], "已完成"]], charset="gb18030")
    assert counts(load(store, advice)[1]) == {"updated": 1}
    write_csv(advice, [heads, row], charset="gb18030")
    assert counts(load(store, advice)[1]) == {"unchanged": 1}


def test_one_company_under_several_numbers_is_called_once(store: Dealer, tmp_path: Path) -> None:
    code = {"客户名称": "上海启程物流有限公司", "证件号码": "91310000MA1K0Q7X4B"}
    load(store, owners(tmp_path, owner(1, **code), owner(2, **code), owner(3)))
    with dealer_scope(store.pk):
        first, second, other = Customer.objects.order_by("number")
        assert first.kind == "company"
        assert (first.called_through, second.called_through, other.called_through) == (None, first, None)


def test_an_export_without_customer_numbers_finds_the_same_people_again(
    store: Dealer, tmp_path: Path
) -> None:
    heads = ("车主姓名", "手机号码", "VIN", "牌照号")
    rows = [heads, *(("张三", f"138{n:08d}", a_vin(n), f"沪A{n:05d}") for n in range(3))]
    path = write_csv(tmp_path / "a.csv", rows, charset="utf-8-sig")
    assert counts(load(store, path)[1]) == {"created": 3}
    assert counts(load(store, path)[1]) == {"unchanged": 3}


def test_another_store_sees_nothing_of_it(store: Dealer, tmp_path: Path) -> None:
    load(store, owners(tmp_path, owner(1), owner(2, 客户名称="")))
    with dealer_scope(make_dealer("W01", "西区店").pk):
        assert not Car.objects.exists()
        assert not ImportRefusal.objects.exists()
        assert not ImportMapping.objects.exists()


def test_what_begins_like_a_formula_never_becomes_one(store: Dealer, tmp_path: Path) -> None:
    rows = [
        OWNER_HEADS,
        owner(1, 备注="@SUM(A1)", 客户名称='=cmd|"/C calc"!A0'),
        owner(2, 备注="+1", 客户名称=""),
    ]
    run, result = load(store, write_csv(tmp_path / "a.csv", rows, charset="utf-8"))
    assert counts(result) == {"refused": 2}
    with dealer_scope(store.pk):
        content = refused_workbook(run)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert (cells[1][1], cells[1][11], cells[2][11]) == ('=cmd|"/C calc"!A0', "@SUM(A1)", "+1")


# --- people and merged records -----------------------------------------------------------------------------------


def test_a_merged_record_stays_merged_when_its_export_comes_again(store: Dealer, tmp_path: Path) -> None:
    first = owner(1, 客户名称="张三", 证件号码=an_id(1))
    second = owner(2, 客户名称="张叁", 证件号码=an_id(1), 移动电话="13900000002")
    files = owners(tmp_path, first, second), orders(tmp_path, order(1, 1), order(2, 2))
    load(store, *files)
    with dealer_scope(store.pk):
        dropped, kept = Customer.objects.order_by("number")  # the older record goes into the newer one
        merge_customers(
            kept=kept, dropped=dropped, taken=(), reason="同一身份证", actor=ACTOR, now=timezone.now()
        )
    changes = changes_of(store)
    _run, again = load(store, *files)
    assert counts(again) == {"unchanged": 2}
    assert changes_of(store) == changes
    with dealer_scope(store.pk):
        kept.refresh_from_db()
        assert (kept.name, kept.called_through_id) == ("张叁", None)
        assert set(Ownership.objects.values_list("customer_id", flat=True)) == {kept.pk}
        assert set(ServiceOrder.objects.values_list("customer_id", flat=True)) == {kept.pk}
    _run, later = load(store, owners(tmp_path, [*first[:3], "13911112222", *first[4:]], day="2026-04-01"))
    assert counts(later) == {"updated": 1}
    with dealer_scope(store.pk):
        assert CustomerPhone.objects.get(number="13911112222").customer_id == kept.pk


def test_who_was_set_apart_from_a_household_is_not_joined_again(store: Dealer, tmp_path: Path) -> None:
    rows = owner(1, 移动电话="13800000001"), owner(2, 移动电话="13800000001")
    load(store, owners(tmp_path, *rows))
    with dealer_scope(store.pk):
        head, member = Customer.objects.order_by("number")
        assert member.called_through_id == head.pk
        call_through(customer=member, other=None, actor=ACTOR)
    load(store, owners(tmp_path, *rows))
    with dealer_scope(store.pk):
        assert not Customer.objects.filter(called_through__isnull=False).exists()


def test_people_who_share_phones_pairwise_are_called_through_one(store: Dealer, tmp_path: Path) -> None:
    """A has a number with B, B's identity is C's: all three are called through A, never in a chain."""
    load(
        store,
        owners(
            tmp_path,
            owner(1, 移动电话="13800000001"),
            owner(2, 移动电话="13800000001", 证件号码=an_id(5)),
            owner(3, 移动电话="13800000003", 证件号码=an_id(5)),
        ),
    )
    with dealer_scope(store.pk):
        first, second, third = Customer.objects.order_by("number")
        assert (first.called_through_id, second.called_through_id, third.called_through_id) == (
            None, first.pk, first.pk,
        )  # fmt: skip
