"""The words that exports use for a choice of few, and what each means here. The first word is shown as the remedy."""

from __future__ import annotations

CHOICES: dict[str, dict[str, str]] = {
    "customer_kind": {
        "person": "个人 私人 自然人 私户 person individual private",
        "company": "单位 公司 企业 机构 政府 公户 法人 company corporate fleet business",
    },
    "gender": {"male": "男 先生 男性 m male mr", "female": "女 女士 小姐 女性 f female ms mrs miss"},
    "usage": {
        "private": "自用 家用 私用 家庭 非营运 家庭自用 private personal",
        "business": "公务 商务 公司 企业 business company",
        "ride_hailing": "网约车 营运 出租 快车 ride_hailing taxi",
        "rental": "租赁 租车 rental hire",
    },
    "line_kind": {
        "labour": "工时 工时费 维修 人工 项目 工费 labour labor work",
        "part": "配件 零件 材料 备件 精品 油料 辅料 part parts material",
        "other": "其他 其它 外加工 附加 other misc",
    },
    "finding_status": {
        "done": "已完成 已修 已更换 已处理 已维修 完成 是 yes done completed fixed",
        "declined": "客户拒绝 拒绝 不修 declined refused rejected",
        "postponed": "客户推迟 推迟 下次 下次再修 暂缓 考虑中 postponed deferred later",
        "untold": "未告知 未通知 未处理 待告知 待处理 未完成 未修 未维修 否 no untold open pending",
    },
    "complaint_status": {
        "closed": "已关闭 关闭 已结案 结案 已处理 已解决 完成 已完成 是 yes closed solved resolved done",
        "open": "处理中 未关闭 未处理 待处理 进行中 受理 已受理 跟进中 未结案 否 no open pending inprogress",
    },
    "yes_no": {
        "yes": "是 有 已绑定 已注册 已关注 y yes true 1 √ ✓ 对",
        "no": "否 无 未绑定 未注册 未关注 没有 n no false 0 × ✗ x 不",
    },
}
WORDS = {
    kind: {word: value for value, words in choices.items() for word in words.split()}
    for kind, choices in CHOICES.items()
}
