from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Calls, refusals, codes, scripts; messages, templates, channels."""

    RECORD_CALL = "contacts.record_call"  # 登记电话
    SEE_CALLS = "contacts.see_calls"  # 查看电话记录
    OPT_OUT = "contacts.opt_out"  # 登记不再联系
    LIFT_OPT_OUT = "contacts.lift_opt_out"  # 恢复联系
    EDIT_CODES = "contacts.edit_codes"  # 维护结果代码
    EDIT_SCRIPTS = "contacts.edit_scripts"  # 维护话术
    NOTIFY = "contacts.notify"  # 业务通知客户
    CONSENT = "contacts.consent"  # 登记客户同意
    SEE_MESSAGES = "contacts.see_messages"  # 查看消息登记簿
    SEND_AGAIN = "contacts.send_again"  # 重发失败的消息
    WRITE_LETTERS = "contacts.write_letters"  # 打印和登记信函
    EDIT_TEMPLATES = "contacts.edit_templates"  # 维护消息模板
    EDIT_CHANNELS = "contacts.edit_channels"  # 维护消息渠道
