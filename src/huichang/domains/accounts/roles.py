"""The roles a new installation starts with (PRM-01, PRM-02, PRM-10). Afterwards roles are data.

Permissions are written as text because accounts stand below every other domain; a rule test checks that each
exists. `domain.*` gives all of a domain.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleSeed:
    """One role: code, Chinese and English name, reach, permissions, whether a one-time code is a must."""

    code: str
    name: str
    name_en: str
    level: str
    permissions: tuple[str, ...]
    requires_totp: bool = False


_EVERYONE = (
    "accounts.use", "customers.see", "catalog.see", "appointments.see", "contacts.notify", "worklist.to_dos",
)  # fmt: skip
_CALLER = (
    *_EVERYONE, "customers.edit", "customers.reveal_mobile", "vehicles.record_reading", "vehicles.edit",
    "contacts.record_call", "contacts.see_calls", "contacts.opt_out", "contacts.lift_opt_out", "worklist.work",
    "contacts.consent", "contacts.see_messages",
    "workshop.see", "complaints.see", "complaints.record", "reminders.see", "reminders.call", "appointments.book",
    "appointments.change", "appointments.prepare", "appointments.use_priority", "intake.resolve", "intake.see",
    "parts.see", "parts.reserve",
    "owners.see", "owners.invite", "owners.ask",
)  # fmt: skip
_DESK_LEAD = (
    *_CALLER, "worklist.assign", "worklist.see_all", "reminders.close", "reminders.run", "reminders.see_census",
    "reminders.manage", "complaints.close", "vehicles.judge_reading", "contacts.edit_codes", "contacts.edit_scripts",
    "contacts.send_again", "contacts.write_letters", "contacts.edit_templates", "customers.merge", "intake.import",
    "dealers.see_policies",
    "appointments.check", "owners.answer", "reminders.programme",
)  # fmt: skip
_MANAGER = (
    *_DESK_LEAD, "worklist.take_calls",
    "contacts.edit_channels", "accounts.see_people", "accounts.edit_people", "dealers.edit_policies",
    "dealers.delegate",
    "dealers.edit_calendar", "catalog.edit", "catalog.edit_absences", "customers.reveal_id", "customers.export",
    "reminders.freeze_census", "workshop.edit_findings", "workshop.record_visit", "appointments.arrive",
    "appointments.edit_bands", "appointments.plan_day", "appointments.agree", "appointments.overbook",
    "appointments.run_day", "appointments.edit_capacity",
    "appointments.see_figures", "parts.edit", "parts.draw", "parts.move", "parts.purchase", "parts.count",
    "parts.approve_count", "parts.overdraw",
)  # fmt: skip
_NETWORK = ("accounts.use", "reminders.see_census", "dealers.see_policies", "parts.see_network")

ROLES: tuple[RoleSeed, ...] = (
    RoleSeed("dcrc_agent", "DCRC 专员", "DCRC agent", "dealer", (*_CALLER, "worklist.take_calls")),
    RoleSeed("dcrc_lead", "DCRC 主管", "DCRC supervisor", "dealer", (*_DESK_LEAD, "worklist.take_calls")),
    RoleSeed(
        "appointment_clerk", "预约专员", "Appointment clerk", "dealer",
        (*_CALLER, "worklist.take_calls", "appointments.arrive", "catalog.edit_absences", "appointments.run_day",
         "appointments.check", "appointments.see_figures", "reminders.programme"),
    ),
    RoleSeed(
        "service_advisor", "服务顾问", "Service advisor", "dealer",
        (*_CALLER, "appointments.arrive", "workshop.record_visit", "workshop.edit_findings"),
    ),
    RoleSeed(
        "foreman", "车间主管", "Workshop foreman", "dealer",
        (*_EVERYONE, "workshop.see", "workshop.edit_findings", "catalog.edit_absences", "appointments.book",
         "appointments.change", "appointments.arrive", "appointments.use_priority", "appointments.run_day",
         "appointments.see_figures", "appointments.prepare", "appointments.check", "appointments.plan_day",
         "appointments.agree", "parts.see", "parts.reserve", "parts.draw"),
    ),
    RoleSeed(
        "technician", "维修技师", "Technician", "dealer",
        ("accounts.use", "catalog.see", "workshop.see", "parts.see", "parts.draw", "appointments.see",
         "appointments.agree", "worklist.to_dos"),
    ),
    RoleSeed(
        "parts_clerk", "配件专员", "Parts clerk", "dealer",
        (*_EVERYONE, "parts.see", "parts.edit", "parts.reserve", "parts.draw", "parts.move", "parts.purchase",
         "parts.count", "appointments.prepare"),
    ),
    RoleSeed("cashier", "收银员", "Cashier", "dealer", (*_EVERYONE, "workshop.see")),
    RoleSeed(
        "settlement_clerk", "结算员", "Settlement clerk", "dealer",
        (*_EVERYONE, "workshop.see", "customers.reveal_mobile"),
    ),
    RoleSeed("finance", "财务", "Finance", "dealer", ("accounts.use", "customers.see", "catalog.see", "workshop.see")),
    RoleSeed("cs_clerk", "客服回访员", "Customer care clerk", "dealer", _CALLER),
    RoleSeed("cs_manager", "客服经理", "Customer care manager", "dealer", (*_DESK_LEAD, "dealers.delegate")),
    RoleSeed(
        "business_supervisor", "业务主管", "Business supervisor", "dealer",
        (*_CALLER, "worklist.assign", "worklist.see_all", "complaints.close", "appointments.arrive",
         "appointments.see_figures", "reminders.see_census", "dealers.see_policies", "dealers.delegate"),
    ),
    RoleSeed(
        "team_leader", "班组长", "Team leader", "dealer",
        (*_EVERYONE, "workshop.see", "workshop.edit_findings", "parts.see", "parts.draw", "appointments.agree",
         "appointments.run_day"),
    ),
    RoleSeed(
        "quality_inspector", "质检员", "Quality inspector", "dealer",
        (*_EVERYONE, "workshop.see", "workshop.edit_findings"),
    ),
    RoleSeed(
        "technical_director", "技术总监", "Technical director", "dealer",
        (*_EVERYONE, "workshop.see", "workshop.edit_findings", "catalog.edit", "vehicles.edit",
         "vehicles.judge_reading", "parts.see", "complaints.see", "appointments.agree",
         "appointments.check", "appointments.prepare"),
    ),
    RoleSeed(
        "sales_clerk", "销售内勤", "Sales clerk", "dealer",
        (*_EVERYONE, "customers.edit", "customers.reveal_mobile", "vehicles.edit", "vehicles.record_reading",
         "reminders.see", "owners.see", "owners.invite", "reminders.programme"),
    ),
    RoleSeed(
        "sales_manager", "销售经理", "Sales manager", "dealer",
        (*_EVERYONE, "customers.edit", "customers.reveal_mobile", "reminders.see", "reminders.see_census",
         "contacts.record_call", "appointments.book", "dealers.see_policies", "dealers.delegate", "owners.see",
         "reminders.programme"),
    ),
    RoleSeed(
        "general_manager", "总经理", "General manager", "dealer",
        (*_EVERYONE, "workshop.see", "complaints.see", "contacts.see_calls", "worklist.see_all", "reminders.see",
         "reminders.see_census", "appointments.see_figures", "accounts.see_people", "dealers.see_policies",
         "dealers.delegate", "parts.see"),
    ),
    RoleSeed(
        "investor", "投资人", "Owner / investor", "dealer",
        ("accounts.use", "catalog.see", "reminders.see_census", "appointments.see_figures"),
    ),
    RoleSeed(
        "sales_advisor", "销售顾问", "Sales advisor", "dealer",
        (*_EVERYONE, "customers.edit", "reminders.see", "contacts.record_call", "appointments.book",
         "parts.reserve", "owners.see", "owners.invite", "reminders.programme"),
    ),
    RoleSeed("service_manager", "服务经理", "Service manager", "dealer", _MANAGER),
    RoleSeed(
        "store_manager", "站长", "Store manager", "dealer",
        (*_MANAGER, "accounts.edit_roles", "integrations.see_tokens", "integrations.edit_tokens"),
    ),
    RoleSeed(
        "store_admin", "系统管理员", "System administrator", "dealer",
        ("accounts.use", "accounts.see_people", "accounts.edit_people", "accounts.appoint", "dealers.see_policies",
         "dealers.edit_policies", "dealers.edit_calendar", "dealers.delegate", "catalog.see", "catalog.edit",
         "intake.import", "intake.see", "contacts.edit_codes", "contacts.edit_scripts",
         "contacts.edit_templates", "contacts.edit_channels", "contacts.see_messages",
         "integrations.see_tokens", "integrations.edit_tokens"),
    ),
    RoleSeed("region_manager", "大区经理", "Region manager", "region", _NETWORK),
    RoleSeed(
        "maker_manager", "主机厂售后管理", "Manufacturer after-sales", "maker",
        (*_NETWORK, "dealers.edit_network_policies", "dealers.edit_stores", "accounts.see_people",
         "accounts.edit_people", "accounts.edit_roles", "dealers.edit_policies"),
    ),
    # The manufacturer's people see figures of the stores; whose files they may read comes with their own work.
    RoleSeed("maker_care", "主机厂客服专员", "Manufacturer care specialist", "maker", _NETWORK),
    RoleSeed("maker_complaints", "主机厂投诉专员", "Manufacturer complaint specialist", "maker", _NETWORK),
    RoleSeed(
        "maker_technical", "主机厂技术支持", "Manufacturer technical support", "maker",
        ("accounts.use", "reminders.see_census", "parts.see_network"),
    ),
    RoleSeed("maker_marketing", "主机厂市场部", "Manufacturer marketing", "maker", _NETWORK),
    RoleSeed("maker_legal", "主机厂法务", "Manufacturer legal", "maker", ("accounts.use", "dealers.see_policies")),
)  # fmt: skip
