"""What is said at the end of a run."""

from .letters import Letters
from .progress import Progress
from .store import EventStore
from .text import Piece, Palette, cell, clock, printable, severity_word, shown_path

TYPES_MAX = 12
ALERTS_MAX = 8


def summary(
    progress: Progress, store: EventStore, letters: Letters, goes_on: bool, seconds: float, columns: int, palette: Palette
) -> list[str]:
    """Events by type, the most frequent alerts, where the store is and how to ask it something.

    `goes_on`: whether a later run can take up what is left.
    """
    lines: list[list[Piece]] = [[], [Piece(_result(progress, seconds), "bold")]]
    waiting = max(stage.waiting for stage in progress.stages)
    if waiting and goes_on:
        lines.append([Piece(f"{waiting:,} wait in Redis; the next run with this file and store goes on with them.", "yellow")])
    types = store.count_by_type()
    if types:
        total = sum(count for _, count in types)
        lines += [[], [Piece("Events in the store by type", "bold"), Piece(f" ({total:,} in all)", "dim")]]
        lines += _types(types, columns)
    alerts = store.top_alerts(ALERTS_MAX)
    if alerts:
        lines += [[], [Piece("Most frequent alerts", "bold")]]
        for count, severity, signature in alerts:
            word, colour = severity_word(severity)
            text = printable(signature or "without a name")
            lines.append([Piece(cell(f"{count:,}", 9, right=True)), Piece("  " + cell(word, 8), colour), Piece(text)])
    rejected = rejections(progress, letters)
    if rejected:
        lines += [[], *([Piece(line, "red")] for line in rejected)]
    if not types:
        return [palette.line(line, columns) for line in lines]
    lines += [[], [Piece("The store is ", "bold"), Piece(shown_path(store.path))]]
    rendered = [palette.line(line, columns) for line in lines]
    # Commands are never cut: they are there to be copied.
    for question, command in store.example_commands():
        rendered += [palette.line([Piece(f"  {question}:", "dim")], columns), f"    {command}"]
    return rendered


def rejections(progress: Progress, letters: Letters) -> list[str]:
    """What was rejected and by whom, the first reasons, and where all of it is kept; empty if nothing was."""
    if not progress.rejected:
        return []
    by_stage = ", ".join(f"{stage.rejected:,} by {stage.source.totals}" for stage in progress.stages if stage.rejected)
    lines = [f"Rejected: {by_stage}."] + [f"  {reason}" for reason in letters.first_reasons()]
    if letters.count:
        kept = "All of it is" if letters.count == progress.rejected else f"{letters.count:,} letters are"
        lines.append(f"{kept} kept in {shown_path(letters.path)}")
    return lines


def _result(progress: Progress, seconds: float) -> str:
    counted = ", ".join(f"{stage.count:,} {stage.label}" for stage in progress.stages)
    return f"{counted}, {progress.rejected:,} rejected in {clock(seconds)}."


def _types(types: list[tuple[str, int]], columns: int) -> list[list[Piece]]:
    shown, others = types[:TYPES_MAX], types[TYPES_MAX:]
    if others:
        shown = [*shown, (f"{len(others)} other types", sum(count for _, count in others))]
    highest = max(count for _, count in shown)
    bar = max(0, min(40, columns - 34))
    return [
        [
            Piece(cell(f"{count:,}", 9, right=True)),
            Piece("  " + cell(printable(name or "without a type"), 18)),
            Piece("█" * max(1, round(bar * count / highest)) if bar else "", "green"),
        ]
        for name, count in shown
    ]
