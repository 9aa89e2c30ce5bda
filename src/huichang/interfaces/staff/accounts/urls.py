from __future__ import annotations

from huichang.interfaces.pages import Door, page
from huichang.interfaces.staff.accounts import views

urlpatterns = [
    page("", views.home, needs=Door.SIGNED_IN, name="home", title="首页", network=True, screens=False),
    page("sign-in", views.sign_in, needs=Door.PUBLIC, name="sign-in", title="登录"),
    page(
        "sign-in/code",
        views.sign_in_code,
        needs=Door.PUBLIC,
        name="sign-in-code",
        title="动态口令",
        screens=False,
    ),
    page("sign-out", views.sign_out, needs=Door.SIGNED_IN, name="sign-out", writes=True),
    page("me", views.profile, needs=Door.SIGNED_IN, name="profile", title="我的账户", network=True),
    page(
        "me/password", views.password, needs=Door.SIGNED_IN, name="password", title="修改密码", network=True
    ),
    page("me/totp", views.totp, needs=Door.SIGNED_IN, name="totp", title="动态口令设置", network=True),
    page("me/language", views.language, needs=Door.PUBLIC, name="language", writes=True),
    page("me/store", views.choose_store, needs=Door.SIGNED_IN, name="store", writes=True),
    page("help/<slug:slug>", views.guide, needs=Door.SIGNED_IN, name="help", network=True, screens=False),
]
