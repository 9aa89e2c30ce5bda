"""`huichang import` with files as people really send them: what can be read at all, and what is said otherwise."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.models import ImportRun
from huichang.interfaces.console import importing
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import OWNER_HEADS, owner, write_csv, write_xlsx
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db
LOCKED = Path(__file__).parents[2] / "data" / "locked.xlsx"  # its password is "secret"
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8


@pytest.fixture
def store() -> Dealer:
    return make_dealer("E01", "东区店")


@pytest.fixture(autouse=True)
def chinese_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def run(*given: str) -> int:
    parser = argparse.ArgumentParser()
    importing.add_arguments(parser)
    return importing.run(parser.parse_args(given))


def test_it_prints_json_and_ends_well_with_refused_rows(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1), owner(2, 客户名称="")]})
    assert run(str(path), "--dealer", "E01", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["sheets"][0]["created"], found["sheets"][0]["refused"]) == (1, 1)
    assert found["refusals"][0]["row"] == 3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("有密码.xlsx", LOCKED.read_bytes(), "密码"),
        ("没有后缀", LOCKED.read_bytes(), "密码"),
        ("空的.csv", b"", "空"),
        ("照片.xlsx", PICTURE, "不是 Excel 工作簿"),
        ("坏了.xlsx", b"PK\x03\x04 half a file", "不是完好的"),
        ("表头.csv", ",".join(OWNER_HEADS).encode("gb18030"), "没有数据行"),
        ("便条.csv", "大家好\n明天开会\n".encode(), "没有认出"),
    ],
)
def test_what_cannot_be_read_is_said_and_ends_with_two(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert run(str(tmp_path / name), "--dealer", "E01") == 2
    assert said in capsys.readouterr().err
    with dealer_scope(store.pk):
        assert not ImportRun.objects.filter(status="finished").exists()


def test_one_sheet_of_headings_does_not_stop_the_others(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "投诉.csv", [("投诉编号", "车牌号", "投诉内容", "投诉日期")], charset="utf-8")
    write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1)]})
    assert run(str(tmp_path), "--dealer", "E01", "--json") == 0
    assert [sheet["created"] for sheet in json.loads(capsys.readouterr().out)["sheets"] if sheet["rows"]] == [
        1
    ]


def test_one_unreadable_file_keeps_nothing_of_the_others(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1)]})
    (tmp_path / "坏了.xls").write_bytes(b"\xd0\xcf\x11\xe0 half a file")
    assert run(str(tmp_path), "--dealer", "E01") == 2
    assert "坏了.xls" in capsys.readouterr().err
    with dealer_scope(store.pk):
        assert not Car.objects.exists()


def test_an_unknown_store_and_a_missing_file_are_said(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(tmp_path), "--dealer", "W99") == 2
    assert "W99" in capsys.readouterr().err
    assert run(str(tmp_path / "nowhere.xlsx"), "--dealer", "E01") == 2
    assert "nowhere.xlsx" in capsys.readouterr().err
    assert run(str(tmp_path), "--dealer", "E01") == 2
