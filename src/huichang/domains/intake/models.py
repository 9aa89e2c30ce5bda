"""Imports: runs with their files and results, refused rows, remembered mappings, to-dos on records, staged rows."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.intake import problems
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned
from huichang.kernel.sensitive import EncryptedTextField


class RunStatus(models.TextChoices):
    DRAFT = "draft", _("待核对")
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    CHECKED = "checked", _("已试算")
    FINISHED = "finished", _("已完成")
    CANCELLED = "cancelled", _("已取消")
    FAILED = "failed", _("失败")


class ImportRun(DealerOwned, Audited):
    """One import of some files by one person.

    `sheets` is the mapping in force: a list of {file, sheet, kind, heading_row, columns, headings, by_content,
    samples, rows}. `result` holds what `counting.summary` returns once the run was checked or finished.
    `as_of` is the day the export was made: facts without a date of their own hold from then on.
    """

    LIFECYCLE = Lifecycle(
        initial="draft",
        moves={
            "draft": {"queued", "cancelled"},
            "queued": {"running", "cancelled"},
            "running": {"checked", "finished", "cancelled", "failed", "queued"},
            "checked": {"queued", "cancelled"},
            "cancelled": {"queued"},
            "failed": {"queued", "cancelled"},
            "finished": set(),
        },
    )
    audit_ignored = ("rows_done", "rows_total", "result", "sheets")

    status = models.CharField(max_length=24, choices=RunStatus.choices, default=RunStatus.DRAFT)
    is_dry_run = models.BooleanField(_("试算"), default=False)
    cancel_requested = models.BooleanField(default=False)
    as_of = models.DateField(_("导出日期"))
    sheets = models.JSONField(default=list, blank=True)
    result = models.JSONField(default=dict, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by_name = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dealer", "-created_at"], name="import_by_time")]


class ImportFile(DealerOwned):
    """An uploaded file, kept until its run is finished: web and worker may be on different machines."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content = models.BinaryField()


class ImportRefusal(DealerOwned):
    """A row that was not taken, and why. `cells` is the row as it was, JSON, for the workbook to correct."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refusals")
    file = models.CharField(max_length=200)
    sheet = models.CharField(max_length=100)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=100, blank=True)
    value = EncryptedTextField(blank=True, default="")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    cells = EncryptedTextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "file", "sheet", "row"], name="refusal_by_row")]

    @property
    def reason(self) -> str:
        return problems.reason(self.code, self.params)

    @property
    def remedy(self) -> str:
        return problems.remedy(self.code, self.params)


class ImportMapping(DealerOwned, Audited):
    """How a store reads sheets with these headings: remembered from what a person set or confirmed."""

    fingerprint = models.CharField(max_length=32)
    kind = models.CharField(max_length=24, blank=True)
    columns = models.JSONField(default=dict)
    heading_row = models.PositiveSmallIntegerField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "fingerprint"], name="one_mapping_of_headings")
        ]


class RecordKind(models.TextChoices):
    CUSTOMER = "customer", _("客户")
    CAR = "car", _("车辆")
    ORDER = "order", _("工单")
    OTHER = "other", _("其他")


class RecordToDo(DealerOwned, Audited):
    """A cell that could not be trusted, set aside on the record it belongs to until somebody settles it.

    `record` and `record_id` name the row (`other`: the natural key stands in `record_key`); `value_index` is the
    blind index of the cell, so that the same cell is not set aside twice.
    """

    audit_hidden = ("value",)
    audit_ignored = ("value_index",)

    record = models.CharField(max_length=12, choices=RecordKind.choices)
    record_id = models.BigIntegerField(null=True)
    record_key = models.CharField(max_length=80, blank=True)
    field = models.CharField(max_length=40)
    value = EncryptedTextField(blank=True, default="")
    value_index = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, related_name="todos")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "record", "record_id", "record_key", "field", "value_index"],
                name="a_cell_is_set_aside_once",
                nulls_distinct=False,
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "-created_at"], name="open_todo", condition=Q(done_at=None)),
            models.Index(fields=["record", "record_id"], name="todo_by_record"),
        ]

    @property
    def reason(self) -> str:
        return problems.reason(self.code, self.params)

    @property
    def remedy(self) -> str:
        return problems.remedy(self.code, self.params)


class StagedRow(DealerOwned):
    """A cleaned row on its way in; gone when its run ends. `outcome` is filled by the merging statements.

    `key` is what makes rows of one sheet the same record, `digest` whether they say the same; `generation` counts
    the rows of one key (a car with two owners has two).
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")
    sheet = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=24)
    row = models.PositiveIntegerField()
    key = models.CharField(max_length=120, blank=True, db_collation="C")
    digest = models.CharField(max_length=32, blank=True)
    data = models.JSONField()
    todos = models.JSONField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=40, blank=True)
    params = models.JSONField(null=True)
    generation = models.PositiveSmallIntegerField(default=1)
    car_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(null=True)
    is_new = models.BooleanField(default=False)
    is_changed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["run", "kind", "key"], name="staged_by_key"),
        ]
