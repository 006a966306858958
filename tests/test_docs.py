"""The README tells the truth: commands, settings, exit codes and categories all stand in it, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from callaudit.cli import app
from callaudit.domain.findings import Category, Severity
from callaudit.errors import ExitCode
from callaudit.settings import Section, Settings

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def commands(group, words=("callaudit",)):
    for command in group.registered_commands:
        name = command.name or command.callback.__name__
        yield " ".join([*words, name])
    for below in group.registered_groups:
        yield from commands(below.typer_instance, (*words, below.name))


def setting_names(model, prefix=""):
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from setting_names(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


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


def test_every_setting_is_in_the_readme(readme):
    missing = [name for name in setting_names(Settings) if f"`{name}`" not in readme]

    assert missing == []


def test_every_setting_says_what_it_is_for():
    def undescribed(model):
        for name, field in model.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
                yield from undescribed(field.annotation)
            elif not field.description:
                yield name

    assert list(undescribed(Settings)) == []


def test_every_exit_code_is_in_the_readme(readme):
    missing = [code for code in ExitCode if not re.search(rf"^\| {int(code)} \|", readme, flags=re.MULTILINE)]

    assert missing == []


def test_every_category_and_severity_is_in_the_readme(readme):
    missing = [name for name in (*Category, *Severity) if f"`{name}`" not in readme]

    assert missing == []


def test_both_readmes_have_the_same_chapters():
    chapters = [re.findall(r"^#+ ", path.read_text(encoding="utf-8"), flags=re.MULTILINE) for path in READMES]

    assert chapters[0] == chapters[1]
