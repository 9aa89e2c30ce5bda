"""Who signs in: users, roles as data, sign-in attempts. Network-wide: a person may work in several stores."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.sensitive import EncryptedTextField


class Language(models.TextChoices):
    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class Level(models.TextChoices):
    """How far a role reaches (PRM-10)."""

    DEALER = "dealer", _("门店")
    REGION = "region", _("大区")
    MAKER = "maker", _("主机厂")


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str, **fields: Any) -> User:
        """A new active user. Raises IntegrityError when the name is taken."""
        user = self.model(username=username.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, Audited):
    """A person with a sign-in. What they may do comes from their posts (`dealers.StorePost`, `NetworkPost`)."""

    audit_hidden = ("password", "totp_secret")
    audit_ignored = ("last_login", "totp_last_step")

    username = models.CharField(_("登录名"), max_length=40, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    mobile = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    language = models.CharField(_("语言"), max_length=8, choices=Language.choices, default=Language.CHINESE)
    is_active = models.BooleanField(_("在用"), default=True)
    must_change_password = models.BooleanField(default=False)
    totp_secret = EncryptedTextField(blank=True, default="")
    totp_confirmed_at = models.DateTimeField(null=True, blank=True)
    totp_last_step = models.BigIntegerField(default=0)  # a code works once
    locked_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.name

    @property
    def has_totp(self) -> bool:
        return self.totp_confirmed_at is not None


class Role(Audited):
    """A named set of permissions (PRM-01, PRM-02). Seeded from `roles.py`, edited as data."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=60)
    level = models.CharField(_("层级"), max_length=8, choices=Level.choices, default=Level.DEALER)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    requires_totp = models.BooleanField(_("必须使用动态口令"), default=False)
    is_active = models.BooleanField(_("在用"), default=True)

    def __str__(self) -> str:
        return self.name


class SignInAttempt(models.Model):
    """One try to sign in; lock-out and rate limit are counted from these rows."""

    username = models.CharField(max_length=150)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    succeeded = models.BooleanField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["username", "at"], name="attempt_by_name"),
            models.Index(fields=["address", "at"], name="attempt_by_address"),
        ]
