from __future__ import annotations

from huichang.kernel.policies import Policy

REQUESTS = Policy(
    "integrations.requests_per_minute",
    300,
    "每个接口令牌每分钟最多请求",
    "次",
    low=10,
    high=60000,
    ledger="SYS",
)
KEY_HOURS = Policy(
    "integrations.idempotency_hours", 48, "重复写入请求的识别时长(Idempotency-Key)", "小时", low=1, high=720,
    ledger="SYS",
)  # fmt: skip
TOKEN_DAYS = Policy(
    "integrations.token_days", 365, "接口令牌的默认有效期", "天", low=1, high=3650, ledger="SYS"
)
