"""Our signatures against the examples that the providers publish."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from huichang.channels.sms import aliyun, tencent
from huichang.channels.wechat import callbacks


def test_aliyun_signs_as_its_documentation_does() -> None:
    headers = aliyun.sign(
        key="YourAccessKeyId", key_secret="YourAccessKeySecret", host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances", version="2014-05-26", nonce="3156853299f313e23d1673dc12e1703d",
        query={
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai",
        },
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    )  # fmt: skip
    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tencent_signs_as_its_documentation_does() -> None:
    headers = tencent.sign(
        key_id="AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", key="Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", service="cvm",
        host="cvm.tencentcloudapi.com", action="DescribeInstances", at=datetime.fromtimestamp(1551113065, UTC),
        body='{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
    )  # fmt: skip
    assert headers["Authorization"].endswith(
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_a_sealed_wechat_body_is_opened() -> None:
    key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"  # 43 characters, as WeChat's console gives
    text = "<xml><Content><![CDATA[退订]]></Content></xml>"
    assert callbacks.opened(key, sealed(key, text, "wx1")) == (text, "wx1")


def sealed(key: str, text: str, app_id: str) -> str:
    """What WeChat sends in safe mode, made by its rules and not by our code."""
    plain = b"R" * 16 + struct.pack(">I", len(text.encode())) + text.encode() + app_id.encode()
    plain += bytes([32 - len(plain) % 32]) * (32 - len(plain) % 32)
    raw = base64.b64decode(f"{key}=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()
