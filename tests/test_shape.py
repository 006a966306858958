"""The shape of the code: files and functions that stay small, imports that stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import callaudit

SOURCE = Path(callaudit.__file__).parent
FILES = sorted(
    path for path in SOURCE.rglob("*.py") if not {"_data", "versions"} & set(path.parts)
)  # migrations under versions/ are history: a list of tables, never touched again
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 8
HEAVY = (
    *("torch", "whisper", "sklearn", "scipy", "jieba", "opencc", "pypinyin", "numpy"),
    *("sqlalchemy", "psycopg", "pydantic"),
)


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_there_is_code_to_judge():
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_stay_small(path):
    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST_FILE
    for function in functions(path):
        assert function.end_lineno - function.lineno < LONGEST_FUNCTION, function.name
        if path.parent.name != "cli":  # a command has as many parameters as options
            arguments = [a for a in function.args.args if a.arg not in ("self", "cls")]
            assert len(arguments) + len(function.args.kwonlyargs) <= MOST_PARAMETERS, function.name


def test_help_pays_for_no_engine():
    program = f"import sys, callaudit.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"
