"""What the lexicon saw in a text, put into words for those who write lexicons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from callaudit.domain.calls import JUDGED_PARTIES

if TYPE_CHECKING:
    from callaudit.detectors.text_judge import TextVerdict
    from callaudit.lexicon.matcher import Sighting
    from callaudit.reports.wording import Lang

COUNTS, BELOW, ADDS_WEIGHT, OTHER_ROLE = "counts", "below_threshold", "adds_weight", "other_role_or_phase"
NOT_JUDGED = "not_judged"

_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        COUNTS: "计入",
        BELOW: "不成立：连同前后的话，得分未达阈值",
        NOT_JUDGED: "不计：此角色的话不作评判",
        ADDS_WEIGHT: "只加权，不单独成立",
        OTHER_ROLE: "不计：词条不针对此角色或此阶段",
        "reported_speech": "不计：转述、否认或询问别人的话",
        "about_self": "不计：说的是自己",
        "cuts_word": "不计：切断了词语“{by}”",
        "unless": "不计：处于例外语境 {by}",
        "shadowed": "不计：已由 {by} 覆盖",
    },
    "en": {
        COUNTS: "counts",
        BELOW: "not counted: with the words around it the score stays below the threshold",
        NOT_JUDGED: "not counted: what this party says is never judged",
        ADDS_WEIGHT: "adds weight, never counts alone",
        OTHER_ROLE: "not counted: the entry is about another role or phase",
        "reported_speech": "not counted: words reported, denied or asked about",
        "about_self": "not counted: about the speaker himself",
        "cuts_word": "not counted: cuts “{by}”",
        "unless": "not counted: in the context {by}",
        "shadowed": "not counted: within {by}",
    },
}
_PATHS = {"zh": {"exact": "按字", "sound": "按音"}, "en": {"exact": "by characters", "sound": "by sound"}}


def outcome(sighting: Sighting, verdict: TextVerdict) -> str:
    """A key for what became of a sighting: `counts`, `adds_weight`, or why it counts nothing."""
    from callaudit.detectors.witnesses import covers

    match = sighting.match
    if sighting.refusal is not None:
        return sighting.refusal
    if match.doubts:
        return match.doubts[0]
    if verdict.party not in JUDGED_PARTIES:
        return NOT_JUDGED
    if not covers(match.entry, verdict.party, verdict.phase):
        return OTHER_ROLE
    if not match.entry.alone:
        return ADDS_WEIGHT
    found = (finding.chars for finding in verdict.findings if finding.chars)
    return COUNTS if any(chars.overlaps(match.chars) for chars in found) else BELOW


def sighting_row(sighting: Sighting, verdict: TextVerdict) -> dict[str, Any]:
    """A sighting as plain data; `start` and `end` are code points of the raw text."""
    match = sighting.match
    return {
        "entry_id": match.entry.id,
        "phrase": match.entry.phrase,
        "place": match.entry.place,
        "matched": match.matched,
        "start": match.chars.start,
        "end": match.chars.end,
        "path": match.path,
        "outcome": outcome(sighting, verdict),
        "by": sighting.by,
        "doubts": match.doubts,
    }


def sighting_line(sighting: Sighting, verdict: TextVerdict, lang: Lang) -> str:
    """A sighting as one line for a terminal."""
    from callaudit.reports.harmless import harmless

    match = sighting.match
    told = _WORDS[lang][outcome(sighting, verdict)].format(by=sighting.by)
    return harmless(f"{match.entry.id}  “{match.matched}”  {_PATHS[lang][match.path]}  {told}")
