from __future__ import annotations

from django.db import connection

from huichang.domains.accounts.models import User
from huichang.kernel.sensitive import blind_index, decrypt, encrypt, mask


def test_the_same_text_is_never_encrypted_alike_and_comes_back() -> None:
    first, second = encrypt("11010519491231002X"), encrypt("11010519491231002X")
    assert first != second
    assert decrypt(first) == decrypt(second) == "11010519491231002X"


def test_the_blind_index_finds_the_same_text_and_tells_nothing() -> None:
    assert blind_index("11010519491231002X") == blind_index("11010519491231002X")
    assert blind_index("11010519491231002X") != blind_index("110105194912310020")
    assert "1949" not in blind_index("11010519491231002X")
    assert blind_index("") == ""


def test_the_column_holds_no_plain_text(db: None) -> None:
    user = User.objects.create_user("secretive", "a long password", name="密", totp_secret="JBSWY3DPEHPK3PXP")
    with connection.cursor() as cursor:
        cursor.execute("SELECT totp_secret FROM accounts_user WHERE id = %s", [user.pk])
        stored = cursor.fetchone()[0]
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert User.objects.get(pk=user.pk).totp_secret == "JBSWY3DPEHPK3PXP"


def test_masks_hide_the_middle_and_short_values_whole() -> None:
    assert mask("13812345678") == "138****5678"
    assert mask("1234567") == "*******"
    assert mask("11010519491231002X", head=4, tail=2) == "1101************2X"
