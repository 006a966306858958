"""The README tells the truth: commands, settings, exit codes and categories all stand in it, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from callaudit.cli import app
from callaudit.domain.findings import Category, Severity
from callaudit.errors import ExitCode
from callaudit.settings import Settings
from callaudit.settings.describe import allowed, known_settings

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def commands(group, words=("callaudit",)):
    for command in group.registered_commands:
        name = command.name or command.callback.__name__
        yield " ".join([*words, name])
    for below in group.registered_groups:
        yield from commands(below.typer_instance, (*words, below.name))


@pytest.fixture(params=READMES, ids=lambda path: path.name)
def readme(request):
    return request.param.read_text(encoding="utf-8")


def test_the_readme_opens_with_the_two_commands(readme):
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", readme, flags=re.DOTALL)

    assert blocks[0].strip() == "python -m pip install . && callaudit demo"
    assert blocks[1].strip() == "python -m pip install '.[test]' && pytest"


def test_every_command_is_in_the_readme(readme):
    missing = [command for command in commands(app) if command not in readme]

    assert missing == []


def test_every_command_has_help():
    group = typer.main.get_command(app)
    lacking = [name for name, command in group.commands.items() if not command.help]

    assert lacking == []


def test_every_setting_is_in_the_readme_with_its_range(readme):
    rows = re.findall(r"^\| `([a-z_.]+)` \|[^|\n]*\|([^|\n]*)\|[^|\n]*\|$", readme, flags=re.MULTILINE)
    told = {name: range_.strip() for name, range_ in rows}

    assert told == {name: allowed(field) for name, field in known_settings(Settings)}


def test_every_setting_says_what_it_is_for():
    assert [name for name, field in known_settings(Settings) if not field.description] == []


def test_every_exit_code_is_in_the_readme(readme):
    told = re.findall(r"^\| (\d+) \| [^|\n]+ \|$", readme, flags=re.MULTILINE)

    assert told == [str(int(code)) for code in ExitCode]


def test_the_readme_says_of_every_exit_code_what_the_program_says():
    readme = READMES[0].read_text(encoding="utf-8")

    assert [code for code in ExitCode if f"| {int(code)} | {code.meaning} |\n" not in readme] == []


def test_every_category_and_severity_is_in_the_readme(readme):
    missing = [name for name in (*Category, *Severity) if f"`{name}`" not in readme]

    assert missing == []


def test_both_readmes_have_the_same_chapters():
    chapters = [re.findall(r"^#+ ", path.read_text(encoding="utf-8"), flags=re.MULTILINE) for path in READMES]

    assert chapters[0] == chapters[1]
