from __future__ import annotations

from huichang.kernel.policies import Policy

# Signing in: the manufacturer's values, because no store is known yet.
CODE_MINUTES = Policy("owners.code_minutes", 5, "车主验证码有效期", "分钟", low=1, high=30, ledger="WX-02")
CODE_TRIES = Policy("owners.code_tries", 5, "一个验证码最多可以输错", "次", low=3, high=10, ledger="WX-02")
CODE_PAUSE = Policy(
    "owners.code_pause_seconds", 60, "同一手机两次获取验证码的间隔", "秒", low=30, high=600, ledger="WX-02"
)
CODES_HOUR = Policy(
    "owners.codes_per_hour", 5, "同一手机每小时最多获取验证码", "次", low=2, high=20, ledger="WX-02"
)
CODES_DAY = Policy(
    "owners.codes_per_day", 10, "同一手机每天最多获取验证码", "次", low=2, high=40, ledger="WX-02"
)
ADDRESS_HOUR = Policy(
    "owners.codes_per_address", 60, "同一网络地址每小时最多获取验证码", "次", low=10, high=5000,
    ledger="WX-02", help="手机网络里许多人共用一个地址,不宜太小",
)  # fmt: skip
VIN_DAY = Policy(
    "owners.vin_tries_per_day", 10, "同一车架号每天最多登记失败", "次", low=3, high=100, ledger="WX-02"
)
SESSION_DAYS = Policy("owners.session_days", 90, "车主登录保持", "天", low=1, high=365, ledger="WX-02")
TRIES_KEPT = Policy(
    "owners.tries_kept_days", 30, "登录和登记的尝试保留", "天", low=2, high=180, ledger="WX-02"
)
EMPTY_DAYS = Policy("owners.empty_days", 30, "没有车辆的车主账户保留", "天", low=1, high=365, ledger="WX-02")

SIGN_IN = (
    CODE_MINUTES, CODE_TRIES, CODE_PAUSE, CODES_HOUR, CODES_DAY, ADDRESS_HOUR, VIN_DAY, SESSION_DAYS,
)  # fmt: skip

# What a store offers its owners.
LINK_DAYS = Policy("owners.link_days", 30, "消息里的预约链接有效期", "天", low=1, high=180, ledger="REM-23")
INVITE_HOURS = Policy(
    "owners.invite_hours", 48, "邀请家人的链接有效期", "小时", low=1, high=336, ledger="WX-02"
)
DRIVERS = Policy("owners.drivers_per_car", 4, "每辆车最多邀请家人", "人", low=0, high=10, ledger="WX-02")
BENEFIT = Policy(
    "owners.register_benefit", "", "登记礼遇(显示给车主)", ledger="WX-04 D-35",
    help="不论是否使用微信,登记的车主一律享有",
)  # fmt: skip
PHOTOS = Policy("owners.photos_per_booking", 4, "每次预约最多上传照片", "张", low=0, high=9, ledger="APT-07")
PHOTO_MB = Policy("owners.photo_megabytes", 10, "一张照片最大", "MB", low=1, high=20, ledger="APT-07")

# What an owner may do alone; beyond that the store is called.
OPEN_BOOKINGS = Policy(
    "owners.open_bookings", 2, "每辆车同时最多自助预约", "次", low=1, high=10, ledger="CHG"
)
NO_SHOWS = Policy("owners.no_shows", 2, "爽约几次后不能自助预约", "次", low=1, high=10, ledger="CHG")
NO_SHOW_DAYS = Policy("owners.no_show_days", 180, "爽约次数的统计期限", "天", low=30, high=730, ledger="CHG")

# Requests about one's own data (PIPL art. 50), and what the law keeps (order 43, art. 17).
ANSWER_DAYS = Policy(
    "owners.privacy_answer_days", 15, "个人信息请求最晚答复", "天", low=1, high=30, ledger="PRM-13"
)
RECORD_YEARS = Policy(
    "owners.repair_record_years", 6, "维修档案依法保存", "年", low=6, high=30, ledger="PRM-13",
    help="删除个人信息后,这些档案只保存、不使用",
)  # fmt: skip
