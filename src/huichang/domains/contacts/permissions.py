from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Calls, refusals, codes, scripts."""

    RECORD_CALL = "contacts.record_call"  # 登记电话
    SEE_CALLS = "contacts.see_calls"  # 查看电话记录
    OPT_OUT = "contacts.opt_out"  # 登记不再联系
    LIFT_OPT_OUT = "contacts.lift_opt_out"  # 恢复联系
    EDIT_CODES = "contacts.edit_codes"  # 维护结果代码
    EDIT_SCRIPTS = "contacts.edit_scripts"  # 维护话术
