from __future__ import annotations

from huichang.domains.contacts.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.contacts import (
    channels,
    codes,
    consents,
    inbox,
    letters,
    messages,
    samples,
    views,
    wording,
)


def _one_code() -> dict[str, str]:
    return {"code": "no_answer"}


def _one_script() -> dict[str, str]:
    return {"kind": "scheduled_service", "tone": "usual"}


urlpatterns = [
    page(
        "calls", views.register, needs=P.SEE_CALLS, name="calls", title="电话登记簿", help="calls",
        rail=Rail("招揽", "phone", 30),
    ),
    page("calls/print", views.register_print, needs=P.SEE_CALLS, name="calls-print", title="电话登记簿"),
    page(
        "calls/inbound", views.inbound, needs=P.RECORD_CALL, name="inbound", title="登记来电", help="calls",
        rail=Rail("招揽", "phone-incoming", 20),
    ),
    page(
        "outcome-codes", codes.codes, needs=P.EDIT_CODES, name="outcome-codes", title="结果代码", help="codes",
        rail=Rail("系统管理", "list-check", 70),
    ),
    page(
        "outcome-codes/<slug:code>", codes.code, needs=P.EDIT_CODES, name="outcome-code", title="结果代码",
        help="codes", sample=_one_code,
    ),
    page(
        "call-scripts", codes.scripts, needs=P.EDIT_SCRIPTS, name="call-scripts", title="话术", help="codes",
        rail=Rail("系统管理", "message-2", 80),
    ),
    page(
        "call-scripts/<slug:kind>/<slug:tone>", codes.script, needs=P.EDIT_SCRIPTS, name="call-script",
        title="话术", help="codes", sample=_one_script,
    ),
    page(
        "messages", messages.register, needs=P.SEE_MESSAGES, name="messages", title="消息登记簿", help="messages",
        rail=Rail("招揽", "send", 40),
    ),
    page(
        "messages/<int:pk>", messages.message, needs=P.SEE_MESSAGES, name="message", title="消息", help="messages",
        sample=samples.message,
    ),
    page("messages/<int:pk>/again", messages.again, needs=P.SEND_AGAIN, name="message-again", writes=True,
         sample=samples.message),
    page("replies", messages.replies, needs=P.SEE_MESSAGES, name="replies", title="客户回复", help="messages"),
    page(
        "letters", letters.listing, needs=P.WRITE_LETTERS, name="letters", title="信函登记", help="letters",
        rail=Rail("招揽", "mail", 50),
    ),
    page("letters/new", letters.write, needs=P.WRITE_LETTERS, name="letter-new", title="写信", help="letters"),
    page("letters/print", letters.printed, needs=P.WRITE_LETTERS, name="letters-print", title="信函"),
    page("letters/posted", letters.posted, needs=P.WRITE_LETTERS, name="letters-posted", writes=True),
    page("letters/<int:pk>/returned", letters.returned, needs=P.WRITE_LETTERS, name="letter-returned", writes=True,
         sample=samples.letter),
    page(
        "message-templates", wording.listing, needs=P.EDIT_TEMPLATES, name="message-templates", title="消息模板",
        help="templates", rail=Rail("系统管理", "file-text", 82),
    ),
    page(
        "message-templates/<str:name>/<slug:channel>/<slug:language>", wording.edit, needs=P.EDIT_TEMPLATES,
        name="message-template", title="消息模板", help="templates", sample=samples.template,
    ),
    page(
        "channels", channels.listing, needs=P.EDIT_CHANNELS, name="channels", title="消息渠道", help="channels",
        rail=Rail("系统管理", "route", 84),
    ),
    page("channels/rule", channels.rule, needs=P.EDIT_CHANNELS, name="channel-rule", writes=True),
    page(
        "channels/new/<slug:provider>", channels.new, needs=P.EDIT_CHANNELS, name="channel-new", title="新渠道",
        help="channels", sample=samples.provider,
    ),
    page(
        "channels/<int:pk>", channels.account, needs=P.EDIT_CHANNELS, name="channel", title="消息渠道", help="channels",
        sample=samples.account,
    ),
    page(
        "channels/<int:pk>/test", channels.test, needs=P.EDIT_CHANNELS, name="channel-test", writes=True,
        sample=samples.account,
    ),
    page(
        "customers/<int:pk>/consents", consents.panel, needs=P.SEE_MESSAGES, name="customer-consents", screens=False,
        sample=samples.customer,
    ),
    page(
        "customers/<int:pk>/consents/give", consents.give, needs=P.CONSENT, name="consent-give", writes=True,
        sample=samples.customer,
    ),
    page(
        "consents/<int:pk>/withdraw", consents.withdraw, needs=P.CONSENT, name="consent-withdraw", writes=True,
        sample=samples.consent,
    ),
    page("inbox", inbox.inbox, needs=P.SEE_MESSAGES, name="inbox", title="演示收件箱", help="messages", screens=False),
    page("inbox/<slug:what>", inbox.play, needs=P.SEE_MESSAGES, name="inbox-play", writes=True, sample=samples.reply),
]  # fmt: skip
