from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from callaudit.cli.grouped import takes_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    wide: Annotated[int, typer.Option("--wide", help="How wide.", min=1)] = 7
    high: Annotated[int | None, typer.Option(help="How high.")] = None


def app_with(told):
    app = typer.Typer()

    @app.command()
    @takes_groups
    def draw(name: Annotated[str, typer.Argument()], size: Size, quiet: Annotated[bool, typer.Option("--q")] = False):
        """Draw something."""
        told.append((name, size, quiet))

    return app


def test_the_fields_of_a_group_are_options_of_the_command():
    told = []
    result = CliRunner().invoke(app_with(told), ["box", "--high", "3", "--q"])

    assert (result.exit_code, told) == (0, [("box", Size(wide=7, high=3), True)])


def test_an_option_of_a_group_without_a_default_must_be_given():
    @dataclass(frozen=True, kw_only=True)
    class Place:
        city: Annotated[str, typer.Option(help="Where.")]

    Place.__module__ = __name__
    told = []
    app = typer.Typer()

    def visit(place):
        told.append(place)

    visit.__annotations__ = {"place": Place}
    app.command()(takes_groups(visit))

    assert CliRunner().invoke(app, []).exit_code == 2
    assert CliRunner().invoke(app, ["--city", "苏州"]).exit_code == 0
    assert told == [Place(city="苏州")]


def test_options_of_a_group_keep_their_limits_and_their_help():
    told = []
    app = app_with(told)

    assert CliRunner().invoke(app, ["box", "--wide", "0"]).exit_code == 2
    assert told == []
    said = CliRunner().invoke(app, ["--help"]).output
    assert "Draw something." in said
    assert "How wide." in said
    assert "--size" not in said
