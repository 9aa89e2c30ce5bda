from __future__ import annotations

from huichang.kernel.policies import Policy

LEAP = Policy(
    "vehicles.leap_km_per_day", 600, "两次里程之间每天最多", "公里", low=100, high=3000,
    help="超过时按“里程跳跃”核实,不影响到期日。", ledger="REM",
)  # fmt: skip
LEAP_SLACK = Policy(
    "vehicles.leap_slack_km", 500, "两次里程之间的宽限", "公里", low=0, high=5000, ledger="REM"
)
MAX_KM = Policy(
    "vehicles.max_km", 1_500_000, "里程表最大可信值", "公里", low=300_000, high=9_999_999, ledger="REM"
)
