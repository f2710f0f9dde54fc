"""Tables fit, and say what their cells say."""

from __future__ import annotations

import io
from operator import itemgetter

import pytest
from rich.console import Console, RenderableType

from dryline.present.terminal.columns import Column, fitting, table
from dryline.present.terminal.plain import NEAREST, plain
from dryline.present.terminal.shown import Shown
from dryline.present.terminal.timing_screen import next_commands


def drawn(screen: RenderableType, width: int) -> list[str]:
    """The lines that a terminal of this width shows."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as said:
        console.print(Shown(screen))
    return said.get().splitlines()


def columns(*names: tuple[str, int, int]) -> list[Column]:
    return [Column(name, width, itemgetter(name), need) for name, width, need in names]


@pytest.mark.parametrize("name", ["[bold]x[/]", "[red", "[/red]", "[/]", "[link=x]y"])
def test_markup_in_a_name_is_shown_as_text(name: str) -> None:
    assert name in drawn(table(columns(("Team", 20, 0)), [{"Team": name}], 80), 80)[-1]


def test_a_name_cannot_send_control_codes_or_break_its_row() -> None:
    rows = [{"Team": "\x1b[31mre\x07d\x1b[2J\nflag\u202e\x9b"}]
    lines = drawn(table(columns(("Team", 30, 0)), rows, 80), 80)
    assert len(lines) == 3
    assert lines[-1].rstrip() == "[31mred[2J flag"


def test_no_cell_is_cut_while_a_less_needed_column_is_shown() -> None:
    cells = {"Gap": "+1:14.883", "Int": "+1:14.883", "Last": "1:36.120", "Best": "1:32.625"}
    wanted = columns(("Gap", 9, 0), ("Int", 9, 0), ("Last", 9, 2), ("Best", 9, 3))
    for width in range(20, 60):
        assert not any("…" in line for line in drawn(table(wanted, [cells], width), width)), width


def test_a_column_takes_no_more_room_than_its_cells() -> None:
    wanted = columns(("Team", 60, 0), ("Best", 9, 1))
    line = drawn(table(wanted, [{"Team": "AF", "Best": "1:32.625"}], 20), 20)[-1]
    assert line.split() == ["AF", "1:32.625"]


def test_columns_of_a_group_are_shown_together_or_not_at_all() -> None:
    sectors = [Column(f"S{n}", 8, str, 3, group="sectors") for n in (1, 2, 3)]
    assert fitting(sectors, 27) == []
    assert fitting(sectors, 28) == sectors


def test_only_commands_that_fit_whole_are_offered_and_empty_ones_never() -> None:
    offered = next_commands("dryline stops a.csv", "", "dryline stints a.csv")
    assert drawn(offered, 80) == ["next: dryline stops a.csv  ·  dryline stints a.csv"]
    assert drawn(offered, 40) == ["next: dryline stops a.csv"]
    assert "".join(drawn(next_commands("", ""), 80)) == ""


def test_letters_that_an_encoding_lacks_become_their_nearest_likeness() -> None:
    text = "Müller – São 5 × … ± 日 \udce9"
    assert text.encode("ascii", NEAREST) == b"Muller - Sao 5 x ~ ~ ? ?"
    assert text[:-1].encode("utf-8", NEAREST).decode() == text[:-1]


def test_names_written_from_right_to_left_stay_as_they_are() -> None:
    assert plain("שלום 🏁 日本") == "שלום 🏁 日本"
