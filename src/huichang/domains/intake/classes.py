"""Words for the classes an import counts: what was fixed, set aside, flagged; and for the stages of a run."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huichang.domains.intake.vocabulary import KINDS

LABELS: dict[str, str | Promise] = {
    # fixed
    "plate_fullwidth": _("全角车牌"),
    "plate_lower_dot": _("小写或带点的车牌"),
    "mobile_punctuated": _("带符号的电话"),
    "date_slash_text": _("斜线写法的日期"),
    "date_dot_text": _("点号写法的日期"),
    "date_chinese_text": _("中文写法的日期"),
    "date_compact_text": _("连写的日期"),
    "date_english_text": _("英文写法的日期"),
    "date_republic": _("民国年份的日期"),
    "date_day_order": _("年份在后或只有两位的日期"),
    "date_excel_serial": _("Excel 序号日期"),
    "mileage_text": _("带单位的里程"),
    "birth_zero": _("全零的生日(视为空)"),
    "note_sold_on": _("备注写明已过户"),
    "vin_written_otherwise": _("车架号的空格和小写"),
    "id_written_otherwise": _("证件号码的空格或15位旧号"),
    # set aside
    "vin_length": _("车架号位数不对"),
    "vin_letter": _("车架号里有字母 I、O、Q"),
    "vin_character": _("车架号有错字"),
    "vin_check_digit": _("车架号校验不通过"),
    "mobile_length": _("手机号位数不对"),
    "phone_form": _("电话写法不对"),
    "id_checksum": _("证件号码校验不通过"),
    "id_length": _("证件号码位数不对"),
    "id_character": _("证件号码有错字"),
    "id_date": _("证件号码里的生日不存在"),
    "company_checksum": _("信用代码校验不通过(保留)"),
    "company_length": _("信用代码位数不对"),
    "company_character": _("信用代码有错字"),
    "mileage_range": _("里程不可能"),
    "mileage_form": _("不是里程"),
    "date_order": _("日期前后颠倒"),
    "date_form": _("不是日期"),
    "date_ambiguous": _("分不清月和日的日期"),
    "digits_lost": _("数字被表格软件截断"),
    "date_range": _("日期不可能"),
    "plate_form": _("车牌写法不对"),
    "money_form": _("不是金额"),
    "number_form": _("不是数字"),
    "number_range": _("数字超出范围"),
    "choice_unknown": _("不认识的写法"),
    "time_form": _("不是时间"),
    "too_long": _("内容太长"),
    "formula": _("单元格是公式"),
    "owner_unknown": _("车主待补"),
    # flagged
    "total_off": _("金额合计不符"),
    "lines_gone": _("工单去掉的明细行"),
    "mileage_rolls_back": _("里程倒退"),
    "mileage_leaps": _("里程跳跃"),
    "car_from_order": _("车辆由工单建立"),
    # left out of the rows
    "total": _("合计行"),
    "repeated_heading": _("重复的表头"),
    "note": _("标题和附注"),
    # stages
    "reading": _("读取和清洗"),
    "duplicates": _("查重"),
    "mileage": _("核对里程"),
    "to-dos": _("整理待办"),
}


def label(name: str) -> str:
    """The word for a class, a stage or a kind of sheet; an unknown name is given back."""
    if name in KINDS:
        return KINDS[name].label
    return str(LABELS.get(name, name))
