from __future__ import annotations

from huichang.kernel.policies import Policy

ATTEMPTS = Policy(
    "accounts.sign_in_attempts", 5, "连续几次密码错误后锁定", "次", low=3, high=20, ledger="PRM"
)
ATTEMPTS_WINDOW = Policy(
    "accounts.attempts_window_minutes", 15, "密码错误的统计时长", "分钟", low=5, high=120
)
LOCK_MINUTES = Policy("accounts.lock_minutes", 15, "锁定时长", "分钟", low=1, high=1440)
ADDRESS_ATTEMPTS = Policy(
    "accounts.address_attempts", 60, "同一地址在统计时长内最多尝试登录", "次", low=10, high=2000
)
