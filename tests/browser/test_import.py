"""The import as a store's administrator meets it in the browser: upload, correct a column, try, load, fetch what was refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def dirty_workbook(folder: Path) -> Path:
    """Title rows, a heading nobody knows, dotted plates, a wrong VIN, a missing name, a formula for a name."""
    from tests.factories.sheets import a_vin, write_xlsx

    return write_xlsx(
        folder / "老系统导出.xlsx",
        {
            "车主": [
                ["东区店客户资料"],
                ["导出日期 2026-06-01"],
                ["客户名称", "手机", "车牌", "车架号", "开票日期", "驻地"],
                ["周建国", "139 1234-4418", "渝b·62d81", a_vin(1), "2024年3月5日", "江北区观音桥 1 号"],
                ["", "13800000002", "渝A00002", a_vin(2), "2024/3/6", "渝中区 2 号"],
                ["王五", "13800000003", "渝A00003", a_vin(3)[:16], "2024-03-07", "渝北区 3 号"],
                ["=1+1", "13800000004", "渝A00004", a_vin(4), "2024-03-08", "南岸区 4 号"],
            ],
        },
    )


def work() -> None:
    """What the worker does with the job that waits."""
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.intake.jobs import run_import
    from huichang.domains.intake.models import ImportRun
    from huichang.kernel.scoping import dealer_scope

    dealer = Dealer.objects.get(code="E01")
    with dealer_scope(dealer.pk):
        waiting = ImportRun.objects.get(status="queued").pk
    run_import(run_id=waiting, dealer_id=dealer.pk)


def finish(page: Page, said: str) -> None:
    """The worker does its job; the page's own clock finds out."""
    page.wait_for_selector("#progress")
    work()
    page.clock.run_for(1000)
    page.get_by_text(said).first.wait_for()


def test_from_upload_to_the_workbook_of_refused_rows(open_page: Callable[..., Page], tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    from huichang.domains.customers.models import Car
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.world import make_user, make_world

    world = make_world()
    page = open_page(make_user("store_admin", world.east), "/imports")
    page.set_input_files("#files", dirty_workbook(tmp_path))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=识别到的表")
    assert "驻地" in page.inner_text("main")  # a column that nobody recognised is named

    page.click('main td a:has-text("核对")')
    page.wait_for_selector("select[name=column-5]")
    assert "江北区观音桥 1 号" in page.inner_text("main")
    page.select_option("select[name=column-5]", "address")
    page.click("text=保存并记住")
    page.wait_for_selector("text=按以前的设定")

    page.click("button[value=try]")
    finish(page, "试算完成,还没有写入。")
    with dealer_scope(world.east.pk):
        assert not Car.objects.exists()

    page.click("button[value=load]")
    finish(page, "没有导入的行")
    assert "应为17位" in page.inner_text("main")
    with dealer_scope(world.east.pk):
        car = Car.objects.get()
        assert car.plate == "渝B62D81"
        assert car.ownerships.get().customer.address == "江北区观音桥 1 号"

    page.wait_for_load_state("networkidle")  # a click while the page is still being renewed is lost with it
    with page.expect_download() as download:
        page.click("text=下载工作簿,改正后再导入")
    refused = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    assert refused[0][-2:] == ["原因", "处理办法"]
    assert [row[0] for row in refused[1:]] == ["", "王五", "=1+1"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("照片.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "不是 Excel 工作簿"),
        ("空.csv", b"", "文件是空的"),
        ("表头.csv", "客户名称,车架号,车牌号".encode(), "没有数据行"),
    ],
)
def test_a_file_that_is_no_table_is_refused_on_the_page(
    open_page: Callable[..., Page], tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    from tests.factories.world import make_user, make_world

    (tmp_path / name).write_bytes(content)
    page = open_page(make_user("store_admin", make_world().east), "/imports")
    page.set_input_files("#files", tmp_path / name)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[role=alert]")
    assert said in page.inner_text("[role=alert]")
