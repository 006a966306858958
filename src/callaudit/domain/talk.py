"""What a piece of speech near the end of a call is, whoever says it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class TalkKind(StrEnum):
    """To whom, and about what, somebody speaks."""

    TO_CUSTOMER = "to_customer"
    """To the customer or by him: dialogue, a transfer, a message on his mailbox, a question whether he hears."""
    READ_BACK = "read_back"
    """A work order read aloud while it is written (复述工单)."""
    ABOUT_CALLER = "about_caller"
    """About the caller, to somebody else (背后议论)."""
    ASIDE = "aside"
    """About anything else, to colleagues or family (闲聊)."""
    SURVEY = "survey"
    """A satisfaction survey (满意度调查)."""
    ANNOUNCEMENT = "announcement"
    """A mailbox, the network, a queue (系统提示音)."""


TalkShares = Mapping[TalkKind, float]
"""Probability of each kind; they add up to 1."""
EVEN_SHARES: TalkShares = {kind: 1 / len(TalkKind) for kind in TalkKind}
"""Of speech that got no text."""
