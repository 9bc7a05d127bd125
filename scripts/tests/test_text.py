import pytest
from live.text import Palette, Piece, cell, cut, duration, printable, rate, spark_line, width, wrapped


def test_an_event_cannot_move_the_cursor_or_turn_the_line():
    hostile = "a\x1b[2Jb\r\nc\x9bd\u202ee\u200bf"
    assert printable(hostile) == "a·[2Jb··c·d·e·f"


def test_what_covers_or_hides_other_text_is_made_visible():
    assert printable("e" + "\u0301" * 200 + "!") == "e" + "\u0301" * 4 + "·" * 196 + "!"
    assert printable("\u0301e\u0301") == "·e\u0301", "a mark needs a letter of its own"
    assert printable("\u2066a\u2069\u00a0\u3164\u2028\ue000\udc80\U000e0041") == "·a·······"
    assert printable("Grüße ภาษาไทย กำลัง שָׁלוֹם") == "Grüße ภาษาไทย กำลัง שָׁלוֹם"
    assert width("ภาษาที่") == 5


@pytest.mark.parametrize("text, columns, expected", [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("abc", 0, ""), ("abc", 1, "…"),
])
def test_cut_counts_columns_not_characters(text, columns, expected):
    assert cut(text, columns) == expected
    assert width(cut(text, columns)) <= columns


def test_cell_is_exactly_as_wide_as_asked():
    assert cell("日本", 6) == "日本  "
    assert cell("12", 6, right=True) == "    12"
    assert width(cell("日本語", 5)) == 5


@pytest.mark.parametrize("seconds, expected", [
    (None, "-"), (-3, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (99, "99 s"), (100, "2 min"),
    (5999, "100 min"), (7200, "2 h"), (86400 * 3, "3 d"),
])
def test_duration_is_short(seconds, expected):
    assert duration(seconds) == expected


def test_a_trickle_is_not_shown_as_nothing():
    assert [rate(value) for value in (0, 0.3, 12.4, 81234)] == ["0", "0.3", "12", "81,234"]


def test_spark_line_is_scaled_to_its_highest_value():
    assert spark_line([0, 50, 100], 10) == "▁▅█"
    assert spark_line([0, 50, 100], 2) == "▅█"
    assert spark_line([0, 0], 10) == "▁▁"
    assert spark_line([], 10) == ""


def test_without_colours_only_the_text_is_left():
    pieces = [Piece("high", "red bold"), Piece(" alert")]
    assert Palette(with_colours=False).line(pieces, 20) == "high alert"
    assert Palette(with_colours=True).line(pieces, 6) == "\x1b[31;1mhigh\x1b[0m …"


def test_sentences_are_broken_between_words():
    assert wrapped("one two three four", 9, 3) == ["one two", "three", "four"]
    assert wrapped("one two three four", 9, 2) == ["one two", "three fo…"]
    assert wrapped("", 9, 2) == [""]


@pytest.mark.parametrize("terminal, no_colour, expected", [
    ("xterm", None, True), ("dumb", None, False), ("", None, False), (None, None, False), ("xterm", "1", False),
])
def test_colours_are_for_terminals_that_know_them(monkeypatch, terminal, no_colour, expected):
    class Output:
        def isatty(self):
            return True

    for name, value in (("TERM", terminal), ("NO_COLOR", no_colour)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert Palette.of_output(Output()).with_colours is expected
