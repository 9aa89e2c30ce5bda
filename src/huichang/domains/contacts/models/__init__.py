"""Models of contacts: calls and refusals, channels, templates, messages."""

from __future__ import annotations

from huichang.domains.contacts.models.calls import (
    Call,
    CallResult,
    CallScript,
    ContactPreference,
    Direction,
    NextStep,
    OptOut,
    OutcomeCode,
)
from huichang.domains.contacts.models.channels import (
    AccessToken,
    Channel,
    ChannelAccount,
    ChannelRule,
    MessageTemplate,
    Provider,
    Verdict,
)
from huichang.domains.contacts.models.messages import (
    ChannelAddress,
    Consent,
    Message,
    MessageStatus,
    ProviderReport,
    Reply,
)

__all__ = [
    "AccessToken", "Call", "CallResult", "CallScript", "Channel", "ChannelAccount", "ChannelAddress", "ChannelRule",
    "Consent", "ContactPreference", "Direction", "Message", "MessageStatus", "MessageTemplate", "NextStep", "OptOut",
    "OutcomeCode", "Provider", "ProviderReport", "Reply", "Verdict",
]  # fmt: skip
