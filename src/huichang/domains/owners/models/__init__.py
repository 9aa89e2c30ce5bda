"""Accounts of owners, how they sign in, and which cars they see."""

from __future__ import annotations

from huichang.domains.owners.models.account import OwnerAccount, OwnerCode, OwnerSession, OwnerTry, TryKind
from huichang.domains.owners.models.binding import FaultPhoto, OwnerBinding, OwnerInvite, Proof
from huichang.domains.owners.models.request import PrivacyRequest, RequestKind, RequestStatus

__all__ = [
    "FaultPhoto",
    "OwnerAccount",
    "OwnerBinding",
    "OwnerCode",
    "OwnerInvite",
    "OwnerSession",
    "OwnerTry",
    "PrivacyRequest",
    "Proof",
    "RequestKind",
    "RequestStatus",
    "TryKind",
]
