from __future__ import annotations

import pytest

from callaudit.domain.calls import Party
from callaudit.domain.findings import Phase
from callaudit.lexicon.entries import Lexicon, Role, When
from tests.lexicon.conftest import make_entry


@pytest.mark.parametrize(
    ("role", "covered"),
    [(Role.AGENT, {Party.AGENT}), (Role.CUSTOMER, {Party.CUSTOMER}), (Role.ANY, set(Party))],
)
def test_a_role_covers_its_party(role: Role, covered: set[Party]) -> None:
    assert {party for party in Party if role.covers(party)} == covered


@pytest.mark.parametrize(
    ("when", "covered"),
    [
        (When.ANY, set(Phase)),
        (When.BEFORE_HANGUP, {Phase.BEFORE_HANGUP}),
        (When.AFTER_HANGUP, {Phase.AFTER_HANGUP, Phase.ON_HOLD}),
    ],
)
def test_a_phase_is_covered(when: When, covered: set[Phase]) -> None:
    assert {phase for phase in Phase if when.covers(phase)} == covered


def test_an_entry_is_had_by_its_id() -> None:
    entry = make_entry("不要脸")
    lexicon = Lexicon((make_entry("神经病"), entry))
    assert lexicon[entry.id] is entry
    with pytest.raises(KeyError):
        lexicon["insult.none"]


def test_the_version_does_not_depend_on_the_order_of_entries() -> None:
    one, other = make_entry("不要脸"), make_entry("神经病")
    assert Lexicon((one, other)).version == Lexicon((other, one)).version
