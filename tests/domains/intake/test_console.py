"""`huichang import` with files as people really send them: what can be read at all, and what is said otherwise."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import ModuleType

import pytest
from django.utils import timezone

from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.liveness import alive
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.operations import begin_run
from huichang.domains.intake.planning import Source, make_plan
from huichang.interfaces.console import dealers, importing, reminding, running, serving, working
from huichang.kernel.scoping import dealer_scope
from tests.factories import exports
from tests.factories.sheets import ACTOR, OWNER_HEADS, owner, write_csv, write_xlsx
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


def test_an_empty_path_and_a_target_that_cannot_be_written_are_said_before_anything_is_read(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1)]})
    assert run("", "--dealer", "E01") == 2
    assert "空" in capsys.readouterr().err
    assert run(str(path), "--dealer", "E01", "--refused", str(tmp_path / "nowhere" / "a.xlsx")) == 2
    assert "不能写" in capsys.readouterr().err
    with dealer_scope(store.pk):
        assert not Car.objects.exists()


def test_an_archive_is_imported_as_a_folder(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1)]})
    archive = exports.zipped(tmp_path, path)
    path.unlink()
    assert run(str(archive), "--dealer", "E01", "--json") == 0
    assert [sheet["file"] for sheet in json.loads(capsys.readouterr().out)["sheets"]] == ["客户.xlsx"]


def test_reasons_are_in_the_language_of_the_terminal(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1), owner(2, 车架号="LVSH")]})
    assert run(str(path), "--dealer", "E01", "--json") == 0
    (refusal,) = json.loads(capsys.readouterr().out)["refusals"]
    assert refusal["reason"].isascii()


def test_an_import_that_was_killed_is_closed_by_the_next(
    store: Dealer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1)]})
    with dealer_scope(store.pk):
        plan = make_plan([Source(path, path.name)])
        killed = begin_run(dealer=store, plan=plan, is_dry_run=False, actor=ACTOR, now=timezone.now())
    with alive(killed.pk):
        assert run(str(path), "--dealer", "E01") == 0
    with dealer_scope(store.pk):
        assert ImportRun.objects.get(pk=killed.pk).status == "running"  # somebody was still at it
    assert run(str(path), "--dealer", "E01") == 0
    with dealer_scope(store.pk):
        assert ImportRun.objects.get(pk=killed.pk).status == "failed"


@pytest.mark.parametrize("given", ["2026-02-30", "yesterday", "1999-12-31", "9999-12-31"])
def test_a_day_that_is_none_is_said(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    reminding.add_arguments(parser)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--all", "--as-of", given])
    assert stopped.value.code == 2
    assert "不是日期" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (serving, ["--port", "99999"]),
        (serving, ["--workers", "0"]),
        (working, ["--jobs", "0"]),
        (running, ["--port", "x"]),
    ],
)
def test_numbers_out_of_range_are_said(
    command: ModuleType, given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(given)
    assert stopped.value.code == 2
    assert "整数" in capsys.readouterr().err


@pytest.mark.parametrize(("code", "name"), [("a b", "店"), ("", "店"), ("E" * 21, "店"), ("E77", " ")])
def test_a_store_needs_a_code_and_a_name(code: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    dealers.add_arguments(parser)
    assert dealers.run(parser.parse_args(["add", code, "--name", name])) == 1
    assert "门店" in capsys.readouterr().err
    assert not Dealer.objects.filter(code=code).exists()
