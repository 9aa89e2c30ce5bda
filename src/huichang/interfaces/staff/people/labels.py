"""Every permission in plain words, for the roles page. A test asks that none is missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Promise] = {
    "accounts.use": _("使用系统"),
    "accounts.see_people": _("查看人员"),
    "accounts.edit_people": _("维护人员和岗位"),
    "accounts.appoint": _("任命本店任何岗位(本人除外)"),
    "accounts.edit_roles": _("维护角色"),
    "dealers.see_policies": _("查看基础参数"),
    "dealers.edit_policies": _("设置本店参数和门店资料"),
    "dealers.edit_network_policies": _("设置大区和全网参数"),
    "dealers.delegate": _("安排职责代理"),
    "dealers.edit_calendar": _("维护营业日历"),
    "dealers.edit_stores": _("开设门店、任命人员"),
    "vehicles.record_reading": _("登记里程"),
    "vehicles.judge_reading": _("核实可疑里程"),
    "vehicles.edit": _("修改车辆资料"),
    "customers.see": _("查看客户与车辆"),
    "customers.edit": _("修改客户资料"),
    "customers.merge": _("合并重复客户"),
    "customers.reveal_id": _("查看完整证件号码(记录在案)"),
    "customers.reveal_mobile": _("查看完整电话"),
    "customers.export": _("导出客户名单"),
    "catalog.see": _("查看车型、工时和资源"),
    "catalog.edit": _("维护车型、工时和资源"),
    "catalog.edit_absences": _("登记停用与休假"),
    "contacts.record_call": _("登记电话"),
    "contacts.see_calls": _("查看电话记录"),
    "contacts.opt_out": _("登记“不再联系”"),
    "contacts.lift_opt_out": _("按客户要求恢复联系"),
    "contacts.edit_codes": _("维护结果代码"),
    "contacts.edit_scripts": _("维护话术"),
    "contacts.notify": _("业务通知客户"),
    "contacts.consent": _("登记客户同意"),
    "contacts.see_messages": _("查看消息登记簿"),
    "contacts.send_again": _("重发失败的消息"),
    "contacts.write_letters": _("写信、打印和登记信函"),
    "contacts.edit_templates": _("维护消息模板"),
    "contacts.edit_channels": _("维护消息渠道"),
    "owners.use": _("使用车主服务"),
    "owners.see_file": _("车主查看自己的维修记录"),
    "owners.share": _("车主邀请家人"),
    "owners.choose": _("车主选择收哪些消息"),
    "owners.ask": _("登记客户对个人信息的请求"),
    "owners.answer": _("办理个人信息请求"),
    "owners.see": _("查看车主登记情况"),
    "owners.invite": _("向车主发登记邀请"),
    "worklist.work": _("处理待办和电话任务"),
    "worklist.take_calls": _("电话坐席(计入门店每天的致电量)"),
    "worklist.to_dos": _("查看和完成自己的待办"),
    "worklist.assign": _("分派任务"),
    "worklist.see_all": _("查看同事的任务"),
    "workshop.see": _("查看工单"),
    "workshop.record_visit": _("登记进厂"),
    "workshop.edit_findings": _("处理建议维修"),
    "appointments.see": _("查看预约"),
    "appointments.book": _("为客户预约"),
    "appointments.change": _("改约与取消"),
    "appointments.arrive": _("登记到店与爽约"),
    "appointments.edit_bands": _("维护预约时段"),
    "appointments.change_own": _("车主改约与取消自己的预约"),
    "appointments.prepare": _("维修准备:单据、估价、定金"),
    "appointments.agree": _("技师确认项目和配件"),
    "appointments.check": _("开工前检查与资料夹检查"),
    "appointments.plan_day": _("次日计划:指派服务顾问和技师"),
    "appointments.run_day": _("调整当日安排"),
    "appointments.see_figures": _("查看产能与预约统计"),
    "appointments.edit_capacity": _("维护产能规则"),
    "appointments.use_priority": _("给安全、返修、投诉客户用优先位"),
    "appointments.overbook": _("超出规则预约"),
    "complaints.see": _("查看投诉"),
    "complaints.record": _("登记投诉"),
    "complaints.close": _("关闭投诉"),
    "reminders.see": _("查看到期名单"),
    "reminders.call": _("致电客户"),
    "reminders.run": _("生成到期名单"),
    "reminders.close": _("结束个案"),
    "reminders.see_census": _("查看月度统计"),
    "reminders.freeze_census": _("封存月度统计"),
    "reminders.manage": _("管理招揽、改派个案"),
    "reminders.programme": _("跟踪三保客户"),
    "intake.import": _("导入数据"),
    "intake.see": _("查看导入结果"),
    "intake.resolve": _("处理导入待办"),
    "parts.see": _("查看配件"),
    "parts.edit": _("维护配件"),
    "parts.reserve": _("为预约预留配件"),
    "parts.draw": _("备料入筐与退库"),
    "parts.move": _("配件出库、调拨与报废"),
    "parts.purchase": _("配件采购与到货"),
    "parts.count": _("配件盘点"),
    "parts.approve_count": _("审批盘点差异"),
    "parts.overdraw": _("超账面出库"),
    "parts.see_network": _("查看各店库存"),
    "integrations.see_tokens": _("查看接口令牌"),
    "integrations.edit_tokens": _("维护接口令牌"),
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
        Group(domain, gettext(str(apps.get_app_config(domain).verbose_name)), tuple(names))
        for domain, names in found.items()
    ]
