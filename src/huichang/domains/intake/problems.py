"""What can be wrong with a cell or a row: a code, its reason and its remedy in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers import identifiers
from huichang.domains.vehicles import vin

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is a key of `REASONS` and `REMEDIES`; `params` fill their placeholders."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


REASONS: dict[str, Text] = {
    **vin.REASONS,
    **identifiers.REASONS,
    "missing": _("“%(field)s”是空的"),
    "formula": _("单元格里是公式,不是内容"),
    "date_form": _("“%(value)s”不是日期"),
    "date_ambiguous": _("“%(value)s”分不清哪个是月、哪个是日"),
    "digits_lost": _("“%(value)s”是表格软件的科学计数写法,后面的数字已经丢失"),
    "date_range": _("日期 %(value)s 不可能"),
    "date_order": _("%(later)s(%(value)s)早于%(earlier)s(%(other)s)"),
    "mileage_form": _("“%(value)s”不是里程"),
    "mileage_range": _("里程 %(value)s 公里不可能"),
    "money_form": _("“%(value)s”不是金额"),
    "number_form": _("“%(value)s”不是数字"),
    "number_range": _("数字 %(value)s 超出范围"),
    "choice_unknown": _("不认识“%(value)s”"),
    "time_form": _("“%(value)s”不是时间"),
    "too_long": _("内容有%(length)s个字,最多%(limit)s个"),
    "order_unknown": _("没有工单 %(value)s"),
    "order_of_two_cars": _("工单号 %(value)s 用在了两辆车上"),
    "car_unknown": _("没有车牌为 %(value)s 的车"),
    "plate_of_two_cars": _("车牌 %(value)s 属于几辆车"),
    "same_key_differs": _("与第%(row)s行的“%(field)s”相同,内容却不同"),
    "opens_after_closing": _("营业结束早于营业开始"),
    "owner_unknown": _("车辆由工单建立,客户档案里没有它的车主"),
    "no_heading": _("这张表没有认出“%(field)s”列"),
}

_CHECK_SOURCE: Text = _("请按证件或原始单据改正后,在本工作簿里再导入")

REMEDIES: dict[str, Text] = {
    "vin_missing": _("请从行驶证抄录17位车架号,填好后再导入"),
    "vin_length": _("请对照行驶证补齐或删去多余的字符,再导入"),
    "vin_letter": _("请对照行驶证:多半是数字0、1被写成了字母,改正后再导入"),
    "vin_character": _("请对照行驶证改正这一位,再导入"),
    "vin_check_digit": _("请对照行驶证逐位核对后再导入;确认无误的,在车架号后加“!”再导入"),
    "missing": _("请补上“%(field)s”后再导入"),
    "formula": _("请填写真正的内容(选择性粘贴为数值)后再导入"),
    "plate_missing": _("请补上车牌号"),
    "plate_form": _("请按行驶证改正车牌号"),
    "id_length": _("请对照证件改正号码"),
    "id_character": _("请对照证件改正号码"),
    "id_date": _("请对照证件改正号码"),
    "id_checksum": _("请对照证件改正号码"),
    "company_length": _("请对照营业执照改正代码"),
    "company_character": _("请对照营业执照改正代码"),
    "company_checksum": _("请对照营业执照核对代码"),
    "mobile_length": _("请向客户核对手机号后补全"),
    "phone_form": _("请向客户核对电话后补全"),
    "date_form": _("请写成 2026-11-21 这样的日期"),
    "date_ambiguous": _("请写成 2026-11-21 这样的日期"),
    "digits_lost": _("请在原系统里重新导出(把这一列设为文本),或按原始资料填写"),
    "date_range": _("请核对年月日"),
    "date_order": _("请核对两个日期"),
    "mileage_form": _("请只写公里数,例如 35120"),
    "mileage_range": _("请向客户核对里程表读数"),
    "money_form": _("请只写金额,例如 1288.50"),
    "number_form": _("请只写数字"),
    "number_range": _("请核对这个数字"),
    "choice_unknown": _("可写:%(choices)s"),
    "time_form": _("请写成 08:30 这样的时间"),
    "too_long": _("请缩短后再导入"),
    "order_unknown": _("请先导入含有这张工单的表,或改正工单号"),
    "order_of_two_cars": _("请给其中一张工单换一个号码(工单表和明细表一起改),再导入"),
    "car_unknown": _("请先导入含有这辆车的表,或改正车牌号"),
    "plate_of_two_cars": _("请补上车架号"),
    "same_key_differs": _("请留下正确的一行,再导入"),
    "opens_after_closing": _("请核对营业时间"),
    "owner_unknown": _("请补上车主和电话"),
    "no_heading": _("请在对应关系里指定这一列"),
}


def reason(code: str, params: Mapping[str, Any]) -> str:
    """One sentence: what is wrong."""
    return str(REASONS[code]) % _translated(params)


def remedy(code: str, params: Mapping[str, Any]) -> str:
    """One sentence: what to do."""
    return str(REMEDIES.get(code, _CHECK_SOURCE)) % _translated(params)


def _translated(params: Mapping[str, Any]) -> Mapping[str, Any]:
    from huichang.domains.intake.vocabulary import (
        label,
    )  # the vocabulary names fields; problems name no field

    return {
        key: label(value) if key in {"field", "later", "earlier"} else value for key, value in params.items()
    }
