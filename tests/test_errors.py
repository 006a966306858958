from __future__ import annotations

import pytest

from callaudit import errors
from callaudit.errors import CallauditError, CallError, ExitCode, SetupError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, CallauditError) and kind is not CallauditError
]


def test_every_kind_of_error_is_drawn_in_the_tree():
    assert KINDS
    for kind in KINDS:
        assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_belongs_to_one_family(kind):
    assert issubclass(kind, SetupError) != issubclass(kind, CallError)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.SettingsError, ExitCode.SETTINGS),
        (errors.LexiconError, ExitCode.SETTINGS),
        (errors.DependencyError, ExitCode.DEPENDENCY),
        (errors.ModelError, ExitCode.DEPENDENCY),
        (errors.InputError, ExitCode.NO_INPUT),
        (errors.StorageError, ExitCode.STORAGE),
        (errors.AudioError, ExitCode.SOME_CALLS_FAILED),
    ],
)
def test_an_error_knows_its_exit_code(kind, code):
    assert kind("what", code="a.b", hint="do").exit_code is code
