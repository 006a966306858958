from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.domain.findings import Category, Severity
from callaudit.errors import ExitCode, LexiconError
from callaudit.lexicon.entries import Lexicon
from callaudit.lexicon.files import load_lexicon

BASE = """category = "insult"

[[entry]]
id = "insult.gun"
phrase = "^滚$"
severity = "major"
unless = ["滚动"]

[[entry]]
id = "insult.shagua"
phrase = "傻瓜"
severity = "minor"
"""


def entry(entry_id: str, phrase: str, severity: str = "critical") -> str:
    return f'\n[[entry]]\nid = "{entry_id}"\nphrase = "{phrase}"\nseverity = "{severity}"\n'


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "insult.toml").write_text(BASE, encoding="utf-8")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def laid(base: Path, site: Path, text: str) -> Lexicon:
    site.write_text(text, encoding="utf-8")
    return load_lexicon(base, site)


def test_new_entries_come_last_whatever_their_category(base: Path, site: Path) -> None:
    lexicon = laid(base, site, entry("coldness.zhaogui", "照规定") + entry("insult.yangmao", "薅羊毛的"))

    assert [one.id for one in lexicon.entries][2:] == ["coldness.zhaogui", "insult.yangmao"]
    assert lexicon["coldness.zhaogui"].category is Category.COLDNESS


def test_an_entry_given_again_is_replaced_as_a_whole_where_it_stood(base: Path, site: Path) -> None:
    lexicon = laid(base, site, entry("insult.gun", "滚开"))
    changed = lexicon.entries[0]

    assert (changed.id, changed.phrase, changed.severity, changed.unless) == (
        "insult.gun",
        "滚开",
        Severity.CRITICAL,
        (),
    )
    assert changed.place == f"{site}:2"
    assert len(lexicon.entries) == 2


def test_entries_are_switched_off_by_id(base: Path, site: Path) -> None:
    assert [one.id for one in laid(base, site, 'off = ["insult.gun"]\n').entries] == ["insult.shagua"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('\noff = [\n  "insult.gun",\n  "insult.gnu",\n]\n', ("site.toml:4", "insult.gnu", "did you mean insult.gun")),
        ('# "insult.x" is not ours\noff = ["insult.x"]\n', ("site.toml:2", "insult.x")),
        ('off = ["insult.gun"]\n' + entry("insult.gun", "滚"), ("site.toml:1", "insult.gun", "site.toml:3")),
        (entry("insult.a", "甲") + entry("insult.a", "乙"), ("site.toml:7", "taken by", "site.toml:2")),
        (entry("rude.a", "甲"), ("site.toml:2", "rude.a", "insult, mockery")),
        ('category = "threat"\n' + entry("insult.a", "甲"), ("site.toml:3", "insult.a", "threat.")),
        ('category = "post_hangup"\n' + entry("insult.a", "甲"), ("site.toml", "post_hangup")),
        (entry("insult.a", "甲").replace("severity", "gravity"), ("site.toml:2", "gravity")),
        (entry("insult.a", "甲") + 'off = ["insult.gun"]\n', ("site.toml:2", "off")),
        ("of = []\n", ("site.toml", "of")),
        ("off = [\n", ("site.toml",)),
    ],
)
def test_a_faulty_overlay_is_refused_by_file_line_and_entry(
    base: Path, site: Path, text: str, told: tuple[str, ...]
) -> None:
    with pytest.raises(LexiconError) as caught:
        laid(base, site, text)

    assert all(part in caught.value.message for part in told), caught.value.message
    assert caught.value.exit_code is ExitCode.SETTINGS
    assert caught.value.hint


def test_a_folder_of_files_is_laid_over_as_one(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.toml").write_text('off = ["insult.shagua"]\n', encoding="utf-8")
    (folder / "b.toml").write_text(entry("mockery.b", "您可真闲"), encoding="utf-8")

    assert [one.id for one in load_lexicon(base, folder).entries] == ["insult.gun", "mockery.b"]


@pytest.mark.parametrize("place", ["nowhere.toml", "base/empty"])
def test_an_overlay_that_is_not_there_is_an_error(base: Path, tmp_path: Path, place: str) -> None:
    (base / "empty").mkdir()
    with pytest.raises(LexiconError) as caught:
        load_lexicon(base, tmp_path / place)

    assert caught.value.code == "lexicon.missing"


def test_an_overlay_without_a_word_changes_nothing(base: Path, site: Path) -> None:
    assert laid(base, site, "# nothing yet\n") == load_lexicon(base)


@pytest.mark.parametrize("text", ['off = ["insult.gun"]\n', entry("insult.gun", "滚开"), entry("insult.new", "滚远点")])
def test_the_version_covers_the_overlay(base: Path, site: Path, text: str) -> None:
    assert laid(base, site, text).version != load_lexicon(base).version
