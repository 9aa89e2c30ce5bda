"""The wizard: upload, correct a mapping, try, load in the background, refused rows, to-dos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huichang.domains.customers.models import Car
from huichang.domains.intake.jobs import run_import
from huichang.domains.intake.models import ImportFile, ImportMapping, ImportRun, RecordToDo
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import OWNER_HEADS, a_vin, owner, write_xlsx
from tests.factories.world import World, make_user, signed_in


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(make_user("store_admin", world.east))


def upload(client: Client, path: Path) -> Any:
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return client.post("/imports", {"files": [file]})


def the_run(world: World) -> ImportRun:
    with dealer_scope(world.east.pk):
        return ImportRun.objects.get()


def work(run: ImportRun) -> None:
    """What the worker does with the job."""
    run_import(run_id=run.pk, dealer_id=run.dealer_id)


def a_file(folder: Path) -> Path:
    return write_xlsx(
        folder / "客户.xlsx", {"客户": [OWNER_HEADS, owner(1, 移动电话="1380175404"), owner(2, 客户名称="")]}
    )


def test_from_upload_to_result(world: World, admin: Client, tmp_path: Path) -> None:
    page = upload(admin, a_file(tmp_path))
    run = the_run(world)
    assert page["Location"] == f"/imports/{run.pk}"
    assert "客户车辆" in admin.get(f"/imports/{run.pk}").content.decode()
    admin.post(f"/imports/{run.pk}/start", {"mode": "try"})
    assert "排队" in admin.get(f"/imports/{run.pk}/progress").content.decode()
    work(run)
    assert admin.get(f"/imports/{run.pk}/progress")["HX-Refresh"] == "true"
    assert "试算完成" in admin.get(f"/imports/{run.pk}").content.decode()
    with dealer_scope(world.east.pk):
        assert not Car.objects.exists()
    admin.post(f"/imports/{run.pk}/start", {"mode": "load"})
    work(run)
    shown = admin.get(f"/imports/{run.pk}").content.decode()
    assert "没有导入的行" in shown
    assert "请补上“客户名称”后再导入" in shown
    assert admin.get(f"/imports/{run.pk}/refused.xlsx").content.startswith(b"PK")
    with dealer_scope(world.east.pk):
        assert Car.objects.get().vehicle.vin == a_vin(1)
        assert not ImportFile.objects.exists()  # personal data is not kept longer than needed


def test_a_mapping_is_corrected_and_remembered(world: World, admin: Client, tmp_path: Path) -> None:
    upload(admin, a_file(tmp_path))
    run = the_run(world)
    page = admin.get(f"/imports/{run.pk}/sheets/0")
    assert a_vin(1) in page.content.decode()
    chosen = {"kind": "customers", "column-1": "name", "column-5": "vin"}
    assert admin.post(f"/imports/{run.pk}/sheets/0", {**chosen, "column-5": ""}).status_code == 422
    assert admin.post(f"/imports/{run.pk}/sheets/0", chosen).status_code == 302
    with dealer_scope(world.east.pk):
        assert ImportMapping.objects.get().columns == {"1": "name", "5": "vin"}
    upload(admin, a_file(tmp_path))
    with dealer_scope(world.east.pk):
        newest = ImportRun.objects.latest("pk")
    assert newest.sheets[0]["columns"] == {"1": "name", "5": "vin"}
    assert newest.sheets[0]["remembered"]


def test_a_run_can_be_cancelled_while_it_waits_and_while_it_works(
    world: World, admin: Client, tmp_path: Path
) -> None:
    upload(admin, a_file(tmp_path))
    run = the_run(world)
    admin.post(f"/imports/{run.pk}/start", {"mode": "load"})
    admin.post(f"/imports/{run.pk}/cancel")
    work(run)
    assert the_run(world).status == "cancelled"
    admin.post(f"/imports/{run.pk}/start", {"mode": "load"})
    with dealer_scope(world.east.pk):
        ImportRun.objects.update(status="running", cancel_requested=True)
    work(run)
    assert the_run(world).status == "cancelled"
    with dealer_scope(world.east.pk):
        assert not Car.objects.exists()


def test_a_file_that_cannot_be_read_is_refused_in_words(admin: Client, tmp_path: Path) -> None:
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    page = upload(admin, broken)
    assert page.status_code == 422
    assert "坏.xlsx" in page.content.decode()


def test_todos_are_settled(world: World, admin: Client, tmp_path: Path) -> None:
    upload(admin, a_file(tmp_path))
    run = the_run(world)
    admin.post(f"/imports/{run.pk}/start", {"mode": "load"})
    work(run)
    manager = signed_in(world.wang)
    page = manager.get("/record-todos").content.decode()
    assert "手机号应为11位" in page
    assert "1380175404" not in page  # masked
    with dealer_scope(world.east.pk):
        todo = RecordToDo.objects.get()
    manager.post(f"/record-todos/{todo.pk}/settle")
    assert "没有待办" in manager.get("/record-todos").content.decode()


def test_another_store_sees_neither_run_nor_todo(world: World, admin: Client, tmp_path: Path) -> None:
    upload(admin, a_file(tmp_path))
    stranger = signed_in(make_user("store_admin", world.west))
    assert stranger.get(f"/imports/{the_run(world).pk}").status_code == 404


@pytest.mark.parametrize("path", ["/imports", "/record-todos"])
def test_pages_answer_in_english(world: World, path: str) -> None:
    user = make_user("service_manager", world.east)
    user.language = "en"
    user.save()
    assert signed_in(user).get(path).status_code == 200
