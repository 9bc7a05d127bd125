"""Text for terminals: widths, colours, numbers for people, and nothing that an attacker could hide in an event."""

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

SPARKS = "▁▂▃▄▅▆▇█"

_SEVERITIES = {1: ("high", "red"), 2: ("medium", "yellow"), 3: ("low", "cyan")}

# More marks than any script sets on one letter would cover the lines around it.
_MARKS_MAX = 4
# Letters that show nothing.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "reverse": "7"}


@dataclass(frozen=True)
class Piece:
    """A run of text in one style; several styles are separated by a space."""

    text: str
    style: str = ""


class Palette:
    """Turns pieces into a line of the terminal; without colours the styles are left out."""

    def __init__(self, with_colours: bool) -> None:
        self.with_colours = with_colours

    @classmethod
    def of_output(cls, output: TextIO) -> "Palette":
        """Colours on a terminal that knows them, unless NO_COLOR is set to anything (no-color.org)."""
        return cls(knows_escapes(output) and not os.environ.get("NO_COLOR"))

    def line(self, pieces: list[Piece], columns: int) -> str:
        """The pieces in their colours, cut to the width."""
        rendered, left = "", columns
        for piece in pieces:
            text = cut(piece.text, left)
            left -= width(text)
            codes = ";".join(_CODES[style] for style in piece.style.split())
            rendered += f"\x1b[{codes}m{text}\x1b[0m" if codes and self.with_colours and text else text
        return rendered


def knows_escapes(output: TextIO) -> bool:
    """Whether the output is a terminal that can place and colour text."""
    return output.isatty() and (os.environ.get("TERM") or "dumb") != "dumb"


def severity_word(severity: int | None) -> tuple[str, str]:
    """Suricata's severity in a word, and its colour; 1 is the worst, and rules may go beyond 3."""
    return _SEVERITIES.get(severity or 0, ("-" if severity is None else f"sev {severity}", "cyan"))


def printable(text: str) -> str:
    """The text with a dot for each character that cannot be seen, or could move the cursor, turn the line or cover others."""
    shown, marks = "", _MARKS_MAX
    for character in text:
        if _is_mark(character):
            marks += 1
            shown += character if marks <= _MARKS_MAX else "·"
        elif character != " " and (unicodedata.category(character)[0] in "CZ" or character in _BLANK_LETTERS):
            shown += "·"
        else:
            shown += character
            marks = 0
    return shown


def _is_mark(character: str) -> bool:
    """Whether it is drawn on the character before it."""
    return unicodedata.category(character) in ("Mn", "Me")


def width(text: str) -> int:
    """Columns that the text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if _is_mark(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def cut(text: str, columns: int) -> str:
    """The text, ended with an ellipsis if it is wider than the columns."""
    if width(text) <= columns:
        return text
    if columns <= 0:
        return ""
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept + "…"


def wrapped(text: str, columns: int, lines_max: int) -> list[str]:
    """The text in lines that are broken between words; only the last that is allowed is cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or width(longer) <= columns or len(lines) == lines_max:
            lines[-1] = longer
        else:
            lines.append(word)
    return [cut(line, columns) for line in lines]


def cell(text: str, columns: int, right: bool = False) -> str:
    """The text in exactly so many columns."""
    text = cut(text, columns)
    padding = " " * (columns - width(text))
    return padding + text if right else text + padding


def duration(seconds: float | None) -> str:
    """A time span in at most six characters."""
    if seconds is None:
        return "-"
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for unit, size, limit in (("s", 1, 100), ("min", 60, 100 * 60), ("h", 3600, 48 * 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def clock(seconds: float) -> str:
    """A running time as 01:23 or 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def size(count: int) -> str:
    """A number of bytes."""
    if count < 1 << 20:
        return f"{(count + 1023) >> 10} KB"
    if count < 10 << 20:
        return f"{count / (1 << 20):.1f} MB"
    return f"{count >> 20} MB" if count < 10 << 30 else f"{count >> 30} GB"


def rate(per_second: float) -> str:
    """Events per second: whole ones, but a slow trickle is not shown as nothing."""
    return f"{per_second:.1f}" if 0 < per_second < 9.95 else f"{per_second:,.0f}"


def shown_path(path: Path) -> str:
    """The path as one would type it here, relative to the current folder if it lies below, fit to be shown."""
    here = Path.cwd()
    return printable(str(path.relative_to(here) if path.is_relative_to(here) else path))


def spark_line(values: list[float], columns: int) -> str:
    """The last values as a row of bars, as high as the highest of them allows."""
    values = values[-columns:]
    highest = max(values, default=0.0)
    if highest <= 0:
        return SPARKS[0] * len(values)
    top = len(SPARKS) - 1
    return "".join(SPARKS[min(top, round(value / highest * top))] for value in values)
