from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """What owners may do with their account and cars, and what the store sees of it."""

    USE = "owners.use"  # 使用车主服务
    SEE_FILE = "owners.see_file"  # 查看自己车辆的维修记录
    SHARE = "owners.share"  # 邀请家人使用
    CHOOSE = "owners.choose"  # 选择收哪些消息
    ASK = "owners.ask"  # 要求提供或删除个人信息
    SEE = "owners.see"  # 查看车主登记情况
    INVITE = "owners.invite"  # 邀请车主登记
    ANSWER = "owners.answer"  # 办理个人信息请求
