"""The README tells the truth: commands, settings, exit codes and categories all stand in it, in both languages."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
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


def blocks_of(text):
    """Language and text of every code block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def without_comments(text):
    return [line for line in (re.sub(r"\s*#(?!!).*", "", line) for line in text.splitlines()) if line.strip()]


CALL = re.compile(r"""(?:^|[\s/'])callaudit ([a-z](?:[^|&;>)'"]|"[^"]*")*)""")


def calls_in(text):
    """The words of every call of the program in the code blocks."""
    for language, block in blocks_of(text):
        if language != "yaml":
            for line in without_comments(block):
                yield from (shlex.split(call) for call in CALL.findall(line))


def test_every_command_and_option_that_the_readme_uses_is_there(readme):
    unknown, calls = [], list(calls_in(readme))
    for words in calls:
        command, rest = typer.main.get_command(app), list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        options = {word.partition("=")[0] for word in rest if word.startswith("--")}
        if options - known or hasattr(command, "commands"):
            unknown.append(words)

    assert unknown == []
    assert len(calls) > 15


def test_both_readmes_have_the_same_recipes():
    recipes = [
        [(kind, without_comments(block)) for kind, block in blocks_of(path.read_text(encoding="utf-8")) if kind]
        for path in READMES
    ]

    assert recipes[0] == recipes[1]


def recipe(readme, kind, holding):
    (found,) = [block for language, block in blocks_of(readme) if language == kind and holding in block]
    return found


def test_the_recipe_for_cron_mails_only_what_somebody_must_read(readme, tmp_path):
    script = recipe(readme, "sh", "night.sh").replace("/srv/callaudit", str(tmp_path))
    program = tmp_path / "env" / "bin" / "callaudit"
    program.parent.mkdir(parents=True)
    printed, done = {}, {}
    for code in (0, 6, 7, 8, 10, 143):
        program.write_text(f'#!/bin/sh\necho "$1 at work"\ntest "$1" != scan || exit {code}\n', encoding="utf-8")
        program.chmod(0o755)
        ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (code, "")
        printed[code] = bool(ran.stdout)
        (log,) = tmp_path.glob("night-*.log")
        done[code] = log.read_text(encoding="utf-8").split()[::3]

    assert printed == {0: False, 6: True, 7: True, 8: False, 10: True, 143: True}
    assert done[0] == done[6] == done[10] == ["scan", "report", "backup"]
    assert done[7] == done[8] == done[143] == ["scan"]


def test_the_recipe_for_airflow_is_python(readme):
    compile(recipe(readme, "python", "airflow"), "dag.py", "exec")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", ["callaudit.service", "callaudit.timer"])
def test_the_recipes_for_systemd_are_understood_by_it(readme, tmp_path, unit):
    for name in ("callaudit.service", "callaudit.timer"):
        text = recipe(readme, "ini", f"# /etc/systemd/system/{name}")
        (tmp_path / name).write_text(re.sub(r"/srv/\S+/callaudit", "/bin/true", text), encoding="utf-8")
    ran = subprocess.run(["systemd-analyze", "verify", tmp_path / unit], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
