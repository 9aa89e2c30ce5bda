"""Every permission in plain words, for the roles page. A test asks that none is missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as t

LABELS: dict[str, Promise] = {
    "accounts.use": t("使用系统"),
    "accounts.see_people": t("查看人员"),
    "accounts.edit_people": t("维护人员和岗位"),
    "accounts.edit_roles": t("维护角色"),
    "dealers.see_policies": t("查看基础参数"),
    "dealers.edit_policies": t("设置本店参数和门店资料"),
    "dealers.edit_network_policies": t("设置大区和全网参数"),
    "dealers.delegate": t("安排职责代理"),
    "dealers.edit_calendar": t("维护营业日历"),
    "dealers.edit_stores": t("开设门店、任命人员"),
    "vehicles.record_reading": t("登记里程"),
    "vehicles.judge_reading": t("核实可疑里程"),
    "vehicles.edit": t("修改车辆资料"),
    "customers.see": t("查看客户与车辆"),
    "customers.edit": t("修改客户资料"),
    "customers.merge": t("合并重复客户"),
    "customers.reveal_id": t("查看完整证件号码(记录在案)"),
    "customers.reveal_mobile": t("查看完整电话"),
    "customers.export": t("导出客户名单"),
    "catalog.see": t("查看车型、工时和资源"),
    "catalog.edit": t("维护车型、工时和资源"),
    "catalog.edit_absences": t("登记停用与休假"),
    "contacts.record_call": t("登记电话"),
    "contacts.see_calls": t("查看电话记录"),
    "contacts.opt_out": t("登记“不再联系”"),
    "contacts.lift_opt_out": t("按客户要求恢复联系"),
    "contacts.edit_codes": t("维护结果代码"),
    "contacts.edit_scripts": t("维护话术"),
    "worklist.work": t("处理待办和电话任务"),
    "worklist.assign": t("分派任务"),
    "worklist.see_all": t("查看同事的任务"),
    "workshop.see": t("查看工单"),
    "workshop.record_visit": t("登记进厂"),
    "workshop.edit_findings": t("处理建议维修"),
    "appointments.see": t("查看预约"),
    "appointments.book": t("预约"),
    "appointments.change": t("改约与取消"),
    "appointments.arrive": t("登记到店与爽约"),
    "appointments.edit_bands": t("维护预约时段"),
    "complaints.see": t("查看投诉"),
    "complaints.record": t("登记投诉"),
    "reminders.see": t("查看到期名单"),
    "reminders.call": t("致电客户"),
    "reminders.run": t("生成到期名单"),
    "reminders.close": t("结束个案"),
    "reminders.see_census": t("查看月度统计"),
    "reminders.freeze_census": t("封存月度统计"),
    "reminders.manage": t("管理招揽、改派个案"),
    "intake.import": t("导入数据"),
    "intake.see": t("查看导入结果"),
    "intake.resolve": t("处理导入待办"),
    "parts.see": t("查看配件"),
    "parts.edit": t("维护配件"),
}


def label(permission: str) -> str:
    """The words for a permission; its code when there are none, so that nothing is hidden."""
    return str(LABELS.get(permission, permission))


@dataclass(frozen=True, slots=True)
class Group:
    """The permissions of one domain, in the order of `LABELS`."""

    domain: str
    label: str
    permissions: tuple[str, ...]


def groups() -> list[Group]:
    found: dict[str, list[str]] = {}
    for permission in LABELS:
        found.setdefault(permission.split(".", 1)[0], []).append(permission)
    return [
        Group(domain, _(str(apps.get_app_config(domain).verbose_name)), tuple(names))
        for domain, names in found.items()
    ]
