from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.domain.findings import Category, Severity
from callaudit.errors import ExitCode, LexiconError
from callaudit.lexicon.entries import Role, When
from callaudit.lexicon.files import load_lexicon

HEAD = 'category = "insult"\n'
GOOD = """
[[entry]]
id = "insult.shabi"
phrase = "傻逼"
severity = "critical"
hits = ["你个傻逼"]
misses = ["傻笑"]
"""


def write(folder: Path, text: str, name: str = "insult.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_an_entry_is_read_with_its_place_and_defaults(tmp_path: Path) -> None:
    (entry,) = load_lexicon(write(tmp_path, HEAD + GOOD)).entries
    assert (entry.id, entry.category, entry.severity) == ("insult.shabi", Category.INSULT, Severity.CRITICAL)
    assert (entry.role, entry.phase, entry.alone, entry.sound) == (Role.AGENT, When.ANY, True, True)
    assert (entry.hits, entry.misses) == (("你个傻逼",), ("傻笑",))
    assert entry.place == "insult.toml:3"


def test_files_are_read_in_order_of_name(tmp_path: Path) -> None:
    write(tmp_path, HEAD + GOOD, "b.toml")
    write(tmp_path, HEAD + GOOD.replace("shabi", "first"), "a.toml")
    assert [entry.id for entry in load_lexicon(tmp_path).entries] == ["insult.first", "insult.shabi"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + GOOD.replace("severity", "serverity"), ("insult.toml:3", "insult.shabi", "serverity")),
        (HEAD + GOOD.replace("critical", "fatal"), ("insult.toml:3", "insult.shabi", "severity")),
        (HEAD + GOOD.replace('phrase = "傻逼"', ""), ("insult.toml:3", "insult.shabi", "phrase")),
        (HEAD + GOOD.replace('"傻逼"', '"傻{..}"'), ("insult.toml:3", "insult.shabi", "phrase", "gap")),
        (HEAD + GOOD + 'unless = ["(坏"]', ("insult.toml:3", "insult.shabi", "unless")),
        (HEAD + GOOD.replace("insult.shabi", "mockery.shabi"), ("insult.toml:3", "mockery.shabi", "category")),
        (HEAD + GOOD.replace('id = "insult.shabi"', ""), ("insult.toml:3", "entry without id")),
        (HEAD + GOOD + 'alone = "perhaps"', ("insult.toml:3", "insult.shabi", "alone")),
        (HEAD + GOOD + GOOD, ("insult.toml:10", "insult.shabi", "taken by insult.toml:3")),
        (GOOD, ("insult.toml", "category")),
        ('category = "rude"\n' + GOOD, ("insult.toml", "category")),
        ('category = "post_hangup"\n' + GOOD, ("insult.toml", "post_hangup")),
        (HEAD, ("insult.toml", "entry")),
        (HEAD + "colour = 1\n" + GOOD, ("insult.toml", "colour")),
        (HEAD + GOOD + "note = what", ("insult.toml", "line 9")),
    ],
)
def test_a_malformed_file_is_refused_by_name(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    with pytest.raises(LexiconError) as caught:
        load_lexicon(write(tmp_path, text))
    assert all(part in caught.value.message for part in told), caught.value.message
    assert caught.value.exit_code is ExitCode.SETTINGS
    assert caught.value.hint


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    second = GOOD.replace("insult.shabi", "insult.other").replace("critical", "fatal")
    with pytest.raises(LexiconError, match=r"(?s)insult\.shabi.*insult\.other"):
        load_lexicon(write(tmp_path, HEAD + GOOD.replace("critical", "fatal") + second))


@pytest.mark.parametrize("name", ["nowhere", ""])
def test_a_folder_without_lexicons_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LexiconError) as caught:
        load_lexicon(tmp_path / name)
    assert caught.value.code == "lexicon.missing"


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "insult.toml").write_bytes((HEAD + GOOD).encode("gb18030"))
    with pytest.raises(LexiconError) as caught:
        load_lexicon(tmp_path)
    assert caught.value.code == "lexicon.encoding"


@pytest.mark.parametrize(
    ("change", "is_material"),
    [
        (("傻逼", "傻帽"), True),
        (('severity = "critical"', 'severity = "major"'), True),
        (('hits = ["你个傻逼"]', 'hits = ["你傻逼啊"]'), False),
        (('severity = "critical"', 'severity = "critical"\nalone = false'), True),
        (('severity = "critical"', '# a remark\nseverity = "critical"'), False),
    ],
)
def test_the_version_changes_with_what_may_match(tmp_path: Path, change: tuple[str, str], is_material: bool) -> None:
    before = load_lexicon(write(tmp_path, HEAD + GOOD)).version
    after = load_lexicon(write(tmp_path, HEAD + GOOD.replace(*change, 1))).version
    assert (before != after) is is_material
