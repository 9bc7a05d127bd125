"""The live view as lines of text: what there is to see, without a terminal."""

import time
from dataclasses import dataclass, field

from .progress import Progress, Stage
from .services import Health
from .store import Alert
from .text import (
    Palette,
    Piece,
    cell,
    clock,
    cut,
    duration,
    printable,
    rate,
    severity_word,
    size,
    spark_line,
    width,
    wrapped,
)

# Below these sizes of the terminal parts are left out, the least important first.
ROWS_WITH_SERVICES = 16
COLUMNS_WITH_SPARKS = 76
COLUMNS_WITH_RATES = 60

# The sentence on how the pipeline does, and what a service says of its trouble, are cut last.
SENTENCE_LINES_MAX = 4
REASON_LINES_MAX = 2

# A stage that has something to do and does nothing for so long is worth a word.
STUCK_SECONDS = 10.0
SPARKS_MAX = 60


@dataclass
class Scene:
    """All that the view shows, as it was at one moment."""

    title: str
    store: str
    keys: str
    progress: Progress
    health: dict[str, Health] = field(default_factory=dict)
    cpu_percent: dict[str, float] = field(default_factory=dict)
    newest_event_seconds: float | None = None
    # In the followed file, before the first stage.
    unread_bytes: int = 0
    alerts: list[Alert] = field(default_factory=list)
    # Time of day and sentence.
    notices: list[tuple[str, str]] = field(default_factory=list)
    feed: str = ""
    # Where the page is, with the link that logs in.
    page: str = ""


def verdict(scene: Scene, now: float) -> tuple[str, str]:
    """One sentence on how the pipeline does, and its colour: the first thing that a user wants to know."""
    progress = scene.progress
    if progress.is_redis_away:
        return "Redis does not answer; it is started again.", "red"
    # Whether there is a page is nothing to the events.
    troubled = [(name, health) for name, health in scene.health.items() if not health.is_ready and name != "control-plane"]
    waiting = max((stage.waiting for stage in progress.stages), default=0)
    if troubled:
        name, health = troubled[0]
        consequence = f"{waiting:,} events wait, none is lost: " if waiting else ""
        return f"{consequence}{name} is not ready: {printable(health.reason)}", "yellow"
    stuck = [stage for stage in progress.stages if stage.stuck_since is not None]
    if stuck and now - stuck[0].stuck_since > STUCK_SECONDS:
        name, idle = stuck[0].label, duration(now - stuck[0].stuck_since)
        return f"{waiting:,} events wait, none is lost: \"{name}\" has not moved for {idle}.", "yellow"
    if any(not stage.is_drained for stage in progress.stages):
        return f"Events are on their way.{_newest(scene)}", "green"
    if progress.stages[0].count == 0:
        return "Waiting for the first event.", "green"
    if progress.rejected:
        return f"All that was read is stored but for what was rejected.{_newest(scene)}", "yellow"
    return f"All that was read is stored.{_newest(scene)}", "green"


def _newest(scene: Scene) -> str:
    """When the event happened that was stored last; in a replayed capture that is long ago."""
    seconds = scene.newest_event_seconds
    if seconds is None:
        return ""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    return f" Newest event: {when}, {duration(time.time() - seconds)} old."


def render(scene: Scene, columns: int, rows: int, palette: Palette, now: float) -> list[str]:
    """The whole screen: exactly `rows` lines, none wider than `columns`."""
    lines = [_title(scene, columns, now), *_verdict_lines(scene, columns, now)]
    if scene.page:
        lines.append([Piece("  page: ", "dim"), Piece(printable(scene.page))])
    lines.append([])
    lines += _stages(scene, columns, now)
    if rows >= ROWS_WITH_SERVICES:
        lines += [[], *_services(scene, columns)]
    for clock_time, notice in scene.notices[-2:]:
        sentence = f"! {clock_time} {printable(notice)}"
        lines += [[Piece(line, "yellow")] for line in wrapped(sentence, columns, REASON_LINES_MAX)]
    footer = _footer(scene, columns)
    space = rows - len(lines) - 1
    if space >= 3:
        lines += [[], *_alerts(scene, columns, space - 1)]
    lines = lines[: rows - 1]
    lines += [[]] * (rows - 1 - len(lines)) + [footer]
    return [palette.line(line, columns) for line in lines]


def _title(scene: Scene, columns: int, now: float) -> list[Piece]:
    elapsed = clock(now - scene.progress.began)
    text = cell(f"{scene.title}  {scene.feed}", max(0, columns - width(elapsed) - 1))
    head = cut(scene.title, width(text))
    return [Piece(head, "bold"), Piece(text[len(head) :], "dim"), Piece(" " + elapsed, "bold")]


def _verdict_lines(scene: Scene, columns: int, now: float) -> list[list[Piece]]:
    sentence, colour = verdict(scene, now)
    first, *others = wrapped(sentence, columns - 2, SENTENCE_LINES_MAX)
    return [[Piece("● ", colour), Piece(first)], *([Piece("  " + line)] for line in others)]


def _stages(scene: Scene, columns: int, now: float) -> list[list[Piece]]:
    with_sparks, with_rates = columns >= COLUMNS_WITH_SPARKS, columns >= COLUMNS_WITH_RATES
    # `idle` is how long the count has not changed, which is nothing about the times of the events.
    widths = {"events": 11, "per second": 11, "waiting": 10, "rejected": 10, "idle": 8}
    if not with_rates:
        widths = {"events": 10, "waiting": 9, "rejected": 9}
    heading = cell("stage", 10) + "".join(cell(name, wide, right=True) for name, wide in widths.items())
    rows = [[Piece(heading + ("  rate" if with_sparks else ""), "dim")]]
    for stage in scene.progress.stages:
        waiting = _waiting(scene, stage)
        values = {
            "events": (f"{stage.count:,}", ""),
            "per second": (rate(stage.history.current), "green" if stage.history.current else "dim"),
            "waiting": (waiting, "dim" if waiting == "0" else "yellow"),
            "rejected": (f"{stage.rejected:,}", "red" if stage.rejected else "dim"),
            "idle": (duration(None if stage.changed_at is None else now - stage.changed_at), ""),
        }
        pieces = [Piece(cell(stage.label, 10), "bold")]
        pieces += [Piece(cell(values[name][0], wide, right=True), values[name][1]) for name, wide in widths.items()]
        if with_sparks:
            sparks = min(SPARKS_MAX, columns - width(heading) - 2)
            pieces.append(Piece("  " + spark_line(list(stage.history.per_second), sparks), "green"))
        rows.append(pieces)
    return rows


def _waiting(scene: Scene, stage: Stage) -> str:
    """Events that wait in Redis for this stage, or what waits in the file for the reader."""
    if stage.source.stream:
        return f"{stage.waiting:,}"
    return size(scene.unread_bytes) if scene.unread_bytes else "0"


def _services(scene: Scene, columns: int) -> list[list[Piece]]:
    total = size(sum(health.resident_bytes for health in scene.health.values()))
    rows = [[Piece(cell("service", 23) + cell("memory", 9, right=True) + cell("CPU", 8, right=True), "dim")]]
    for name, health in scene.health.items():
        colour = "green" if health.is_ready else "red"
        reason = printable(health.reason)
        # What a service in order says beside it may be cut.
        has_room = health.is_ready or width(reason) <= columns - 42
        rows.append(
            [
                Piece("● " if health.is_ready else "○ ", colour),
                Piece(cell(name, 21)),
                Piece(cell(size(health.resident_bytes), 9, right=True)),
                Piece(cell(f"{scene.cpu_percent.get(name, 0):.0f} %", 8, right=True)),
                Piece("  " + reason if has_room else "", "" if health.is_ready else "yellow"),
            ]
        )
        if not has_room:
            rows += [[Piece("    " + line, "yellow")] for line in wrapped(reason, columns - 4, REASON_LINES_MAX)]
    rows[0].append(Piece(cell(f"in sum {total}", max(0, columns - 40), right=True), "dim"))
    return rows


def _alerts(scene: Scene, columns: int, rows: int) -> list[list[Piece]]:
    shown = scene.alerts[: rows - 1]
    if not shown:
        return [[Piece("latest alerts", "dim")], [Piece("none yet", "dim")]]
    times = [time.localtime(alert.time_seconds) for alert in shown]
    days = sorted({time.strftime("%Y-%m-%d", when) for when in times})
    of_days = f"of {days[0]}" if len(days) == 1 else f"of {days[0]} to {days[-1]}"
    lines = [[Piece(f"latest alerts {of_days}", "dim")]]
    time_format = "%H:%M:%S " if len(days) == 1 else "%m-%d %H:%M:%S "
    routes = [printable(f"{alert.source} → {alert.destination}") for alert in shown]
    # Addresses matter as much as the name of the rule, but IPv6 must not push it out.
    route_columns = min(max(map(width, routes)), columns // 2)
    for alert, at, route in zip(shown, times, routes):
        severity, colour = severity_word(alert.severity)
        when = time.strftime(time_format, at)
        name_columns = max(0, columns - width(when) - 8 - route_columns - 1)
        lines.append(
            [
                Piece(when, "dim"),
                Piece(cell(severity, 8), colour),
                Piece(cell(printable(alert.signature), name_columns), "bold" if colour == "red" else ""),
                Piece(" " + cell(route, route_columns)),
            ]
        )
    return lines


def _footer(scene: Scene, columns: int) -> list[Piece]:
    store = f"store: {scene.store}"
    gap = columns - width(scene.keys) - width(store)
    if gap < 2:
        return [Piece(cell(scene.keys, columns), "reverse")]
    return [Piece(scene.keys + " " * gap + store, "reverse")]
