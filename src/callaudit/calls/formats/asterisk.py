"""What Asterisk's records have in common: channels, contexts, recording options."""

from __future__ import annotations

import re

_CHANNEL = re.compile(r"^[^/]+/(.+?)(?:-[0-9a-f]{8,})?(?:;[12])?$", re.IGNORECASE)
_FROM_OUTSIDE = re.compile(
    r"^(from-(trunk|pstn|did|outside|zaptel|dahdi|digital|analog)|ext-did|incoming|inbound)", re.I
)
_AUDIO = re.compile(r"\.(wav|wav49|gsm|mp3|ogg|opus|ulaw|alaw|g72[239]|sln\d*|au)$", re.IGNORECASE)

UNIQUE_ID = re.compile(r"^(?:.+-)?\d{9,10}\.\d+$")
"""A channel's id: the second it was made, a counter, before them the system's name where there is one."""


def peer_of(channel: str) -> str | None:
    """Name of the line that a channel belongs to.

    >>> peer_of("PJSIP/1001-0000002a"), peer_of("Local/1001@from-queue-00000003;1")
    ('1001', '1001')
    """
    found = _CHANNEL.match(channel.strip())
    return found.group(1).partition("@")[0] if found else None


def is_from_outside(context: str) -> bool:
    """Whether a dialplan context is, by the usual names, that of calls from and to the telephone network."""
    return bool(_FROM_OUTSIDE.match(context.strip()))


def recording_in(text: str) -> str:
    """The text where it names a sound file; empty otherwise."""
    return text.strip() if _AUDIO.search(text.strip()) else ""
