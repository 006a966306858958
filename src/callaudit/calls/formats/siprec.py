"""Importer: SIPREC recording metadata (RFC 7865), leniently: drafts and vendors name and place things differently.

`associate-time` and `disassociate-time` may be missing, `start-time` may stand within the participant. The metadata
does not say who is the customer: a participant whose address is a telephone number (7 digits or more) is, where the
others' are not. `label` tells a stream, not the channel of a file, so no channel map is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from callaudit.calls.formats.documents import content, local, xml_root
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import Fields, Moment, at, known, uncertainty_of
from callaudit.calls.lookup import Entry
from callaudit.calls.rows import format_error
from callaudit.domain.calls import CallRecord, Party

_TELEPHONE = re.compile(r"\+?\d{7,15}")
_USER = re.compile(r"(?:sips?:|tel:)?([^@;:>\s]+)", re.IGNORECASE)
_BEGUN, _OVER = ("associate-time", "start-time"), ("disassociate-time", "stop-time")


@dataclass(frozen=True, slots=True)
class _Participant:
    name: str
    user: str
    """User part of the address."""
    left: Moment | None

    @property
    def is_telephone(self) -> bool:
        return bool(_TELEPHONE.fullmatch(self.user))


def read(source: Source) -> Iterator[Entry]:
    """The sessions.

    Raises:
        InputError: malformed, without sessions, or a time is none.
    """
    root = xml_root(source)
    if local(root) not in ("recording", "recording-metadata"):
        raise format_error(source.path, 1, "no element recording", "give recording metadata as of RFC 7865", "record")
    sessions = [element for element in root.iter() if local(element) == "session"]
    if not sessions:
        raise format_error(source.path, 1, "no element session", "give recording metadata as of RFC 7865", "record")
    for number, session in enumerate(sessions, start=1):
        with located(source, number, "record"):
            yield _entry(number, root, session, source)


def _entry(number: int, root: Element, session: Element, source: Source) -> Entry:
    session_id = _attribute(session, "session_id", "id")
    if not session_id:
        raise Fields({}, source.zone, "session.").error("session_id", "missing", "")
    recorded = [e for e in root.iter() if local(e) == "sessionrecordingassoc" and _is_of(e, session_id)]
    begun = _begun(recorded, source) or _begun([session], source)
    participants = _participants(root, session_id, source)
    ended = _over(recorded, source) or _over([session], source) or _last_left(participants)
    telephones = [participant for participant in participants if participant.is_telephone]
    notes: tuple[str, ...] = ()
    customer = telephones[0] if len(telephones) == 1 else None
    agents = [participant for participant in participants if customer and participant is not customer]
    if customer is None:
        notes = ("which participant is the customer the addresses do not tell: no side's hang-up is used",)
    agent_left = _last_left(agents)
    record = CallRecord(
        recording="",
        call_id=session_id,
        recording_start_at=at(begun),
        customer_hangup_at=at(customer.left) if customer else None,
        agent_hangup_at=at(agent_left),
        ended_at=at(ended),
        hangup_by=_author(customer, agent_left),
        agent_id=agents[-1].user or None if agents else None,
        clock_uncertainty_ms=uncertainty_of(begun, ended, agent_left, *(one.left for one in participants)),
    )
    sip_id = next((content(child) for child in session if local(child) == "sipsessionid"), "")
    return Entry(record, number, "record", known(session_id, sip_id), notes)


def _participants(root: Element, session_id: str, source: Source) -> tuple[_Participant, ...]:
    """Who took part in a session, and when each left it."""
    found = []
    for element in (e for e in root.iter() if local(e) == "participant"):
        name = _attribute(element, "participant_id", "id")
        if not name:
            raise Fields({}, source.zone, "participant.").error("participant_id", "missing", "")
        bonds = [
            e
            for e in root.iter()
            if local(e) == "participantsessionassoc"
            and _attribute(e, "participant_id") == name
            and _is_of(e, session_id)
        ]
        if bonds or _attribute(element, "session") in ("", session_id):
            left = _over(bonds, source) or _over([element], source)
            found.append(_Participant(name, _user(element), left))
    return tuple(found)


def _is_of(element: Element, session_id: str) -> bool:
    """Whether an association belongs to the session; one that names none belongs to every."""
    return _attribute(element, "session_id", "session") in ("", session_id)


def _user(participant: Element) -> str:
    """User part of a participant's address, which stands in an attribute or an element."""
    for element in participant.iter():
        address = _attribute(element, "aor") or (content(element) if local(element) == "aor" else "")
        if found := _USER.match(address.strip(" <")):
            return found.group(1)
    return ""


def _last_left(participants: Sequence[_Participant]) -> Moment | None:
    """When the last of some participants left; None while one of them is not known to have."""
    left = [one.left for one in participants if one.left]
    return max(left, key=lambda moment: moment.at) if left and len(left) == len(participants) else None


def _author(customer: _Participant | None, agent_left: Moment | None) -> Party | None:
    """Who left first, where the clock can tell."""
    if customer is None or customer.left is None or agent_left is None:
        return None
    apart_ms = (agent_left.at - customer.left.at).total_seconds() * 1000
    if abs(apart_ms) <= uncertainty_of(customer.left, agent_left):
        return None
    return Party.CUSTOMER if apart_ms > 0 else Party.AGENT


def _begun(elements: Sequence[Element], source: Source) -> Moment | None:
    """When the first of some associations began."""
    told = [moment for element in elements if (moment := _moment(element, _BEGUN, source))]
    return min(told, key=lambda moment: moment.at, default=None)


def _over(elements: Sequence[Element], source: Source) -> Moment | None:
    """When the last of some associations was over: who leaves may come back. None while one of them goes on."""
    told = [_moment(element, _OVER, source) for element in elements]
    ended = [moment for moment in told if moment]
    return max(ended, key=lambda moment: moment.at) if ended and len(ended) == len(told) else None


def _moment(element: Element, names: Sequence[str], source: Source) -> Moment | None:
    """The first time of some names among the children of an element."""
    for child in element:
        if local(child) in names and content(child):
            return Fields({local(child): content(child)}, source.zone, f"{local(element)}.").clock(local(child))
    return None


def _attribute(element: Element, *names: str) -> str:
    return next((value.strip() for name in names if (value := element.get(name))), "")
