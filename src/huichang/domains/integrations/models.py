"""Tokens of other programs at one store, the count of their requests, and the writes they may repeat."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class ApiToken(DealerOwned, Audited):
    """The key of one integration at one store; it can never do more than the person who made it.

    Only the SHA-256 of the token is kept (it is 256 random bits: there is nothing to guess or to salt). `hint` is its
    end, by which people recognise it. `expires_at` and `revoked_at` are exclusive ends.
    """

    audit_hidden = ("digest",)

    name = models.CharField(_("用途"), max_length=60)
    hint = models.CharField(max_length=6)
    digest = models.CharField(max_length=64, unique=True)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    requests_per_minute = models.PositiveIntegerField(_("每分钟最多请求"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "name"], condition=models.Q(revoked_at=None), name="one_token_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApiUsage(DealerOwned):
    """How often a token asked in its running minute. One row a token: it never grows."""

    token = models.OneToOneField(ApiToken, on_delete=models.CASCADE, related_name="usage")
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField()


class IdempotencyKey(DealerOwned):
    """A write that was answered: the same key and request get the same answer and change nothing again.

    Written in the transaction of the write itself, so that there is never an effect without its answer. `fingerprint`
    is the SHA-256 of method, path and body; `answer` is null only while the write is running.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    code = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key")]
        indexes: ClassVar = [models.Index(fields=["dealer", "created_at"], name="answers_by_age")]
