"""The call scripts a new installation starts with; afterwards they are data (CAL-15, CAL-20).

Each names the reason and the offer. The greeting and the closing are scripts of their own, read once whatever the number
of reasons. A script with `apology` is read while a complaint is open: it never advertises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ANY = "any"  # the script of kinds without their own
GREETING, CLOSING = "greeting", "closing"
PLACEHOLDERS = ("surname", "title", "plate", "series", "due_date", "store", "agent")

_HELLO = {
    "zh-hans": "{surname}{title},您好!我是{store}的{agent}。现在通话方便吗?",
    "en": "Good day, {title} {surname}. This is {agent} of {store}. Is this a good moment?",
}
_BYE = {
    "zh-hans": "非常感谢合作!祝您用车愉快,再见。",
    "en": "Thank you very much for your help. Drive safely, goodbye!",
}
_BYE_SORRY = {
    "zh-hans": "感谢您的信任,一定给您满意答复。再见。",
    "en": "Thank you for your trust. You will have a satisfactory answer. Goodbye.",
}
_REASONS = {
    "first_service": (
        (
            "您的{series}({plate})快到首次保养的时间了,日期大约是{due_date}。首保免费检查,请问现在大约多少公里?"
            "我帮您约一个不用等的时间,好吗?"
        ),
        (
            "Your {series} ({plate}) is nearly due for its first service, around {due_date}. May I ask the mileage? "
            "Let me book you a time without waiting."
        ),
    ),
    "scheduled_service": (
        (
            "您的{series}({plate})按时间和里程推算,{due_date}前后该保养了。请问现在大约多少公里?"
            "您哪天方便?我先帮您留好工位和技师。"
        ),
        (
            "By time and mileage your {series} ({plate}) is due for service around {due_date}. May I ask the mileage? "
            "Which day suits you? I will reserve a bay and a technician."
        ),
    ),
    "warranty_end": (
        (
            "您的{series}({plate})的保修{due_date}到期。到期前请来做一次全面检查,查出的保修项目仍由厂家承担。"
            "您哪天方便过来?"
        ),
        (
            "The warranty of your {series} ({plate}) ends on {due_date}. Please come for a full check before then, so that "
            "anything found is still covered. Which day suits you?"
        ),
    ),
    "compulsory_insurance": (
        (
            "您的{plate}的交强险{due_date}到期,到期前续上,保障不断。在我们店续保,资料由我们代办;以后出险打一个电话,"
            "我们协助报案、定损,用原厂配件维修,赔款可以和保险公司直接结算。需要我帮您算一份报价吗?"
        ),
        (
            "The compulsory insurance of {plate} ends on {due_date}; renewed before, your cover has no gap. If you renew "
            "with us we do the paperwork, and in case of an accident one call is enough: we help with the report and the "
            "assessment, repair with original parts and can settle with the insurer directly. Shall I prepare a quotation?"
        ),
    ),
    "commercial_insurance": (
        (
            "您的{plate}的商业险{due_date}到期。在我们店续保,出险由专人协助报案、定损,在店用原厂配件维修,赔款可以和保险公司"
            "直接结算,不用您两头跑。我按去年的险种先帮您算一份报价,您和别家对比一下,好吗?"
        ),
        (
            "The insurance of {plate} ends on {due_date}. Insured through us you have one person for report and assessment, "
            "the repair here with original parts, and settlement with the insurer can be direct. Shall I quote the same "
            "cover as last year for you to compare?"
        ),
    ),
    "inspection": (
        "您的{plate}{due_date}前需要年检。要不要来店先做一次检前检查?我们也可以代办。",
        "The inspection of {plate} is due by {due_date}. Would you like a check beforehand? We can also handle it for you.",
    ),
    "birthday": (
        "今天打电话是祝您生日快乐!感谢您一直以来的信任。{plate}最近用着还好吗?",
        "I am calling to wish you a happy birthday, and thank you for your trust. Is {plate} running well?",
    ),
    "deferred_repair": (
        (
            "上次进厂时技师建议过的项目还没有做,关系到您的行车安全。您的{series}({plate})最近感觉怎么样?"
            "我帮您约时间复查一下,好吗?"
        ),
        (
            "The work our technician advised at your last visit is still open, and it matters for safety. How does your "
            "{series} ({plate}) feel? May I book a re-check?"
        ),
    ),
    "at_risk": (
        (
            "有一段时间没有见到您的{series}({plate})了,想了解一下车况。是不是我们有做得不好的地方?"
            "请来做一次免费检查,我帮您安排。"
        ),
        (
            "We have not seen your {series} ({plate}) for a while. Is there anything we could do better? "
            "Let me arrange a free check."
        ),
    ),
    "lapsed": (
        "您的{series}({plate})已经一年多没有来店了。现在车在用吗?平时在哪里保养?我们为老客户准备了免费检查。",
        (
            "Your {series} ({plate}) has not been with us for over a year. Is it in use, and where is it serviced? "
            "We keep a free check for you."
        ),
    ),
    ANY: (
        "打电话是想了解您的{series}({plate})最近的使用情况,看看有什么可以帮您的。",
        "I am calling to ask how your {series} ({plate}) is doing and whether we can help.",
    ),
}
_APOLOGY = (
    ("您反映的问题我们正在处理,给您添麻烦了,非常抱歉。我先听您说,一项一项记下来,今天之内由负责人给您答复。"),
    (
        "We are still working on your complaint and are truly sorry for the trouble. Please tell me everything; I will write it "
        "down, and the person in charge will answer today."
    ),
)


@dataclass(frozen=True, slots=True)
class ScriptSeed:
    kind: str
    language: str
    is_apology: bool
    text: str


def seeds() -> Iterator[ScriptSeed]:
    """Every script of the start, both languages."""
    for kind, (chinese, english) in _REASONS.items():
        for language, text in (("zh-hans", chinese), ("en", english)):
            yield ScriptSeed(kind, language, False, text)
    for language, text in zip(("zh-hans", "en"), _APOLOGY, strict=True):
        yield ScriptSeed(ANY, language, True, text)
        yield ScriptSeed(GREETING, language, False, _HELLO[language])
        yield ScriptSeed(CLOSING, language, False, _BYE[language])
        yield ScriptSeed(CLOSING, language, True, _BYE_SORRY[language])
