"""The live view as lines of text: what there is to see, without a terminal."""

import time
from dataclasses import dataclass, field

from .progress import Progress, Stage
from .services import Health
from .store import Alert
from .text import Piece, Palette, cell, clock, cut, duration, printable, rate, severity_word, size, spark_line, width

# Below these sizes of the terminal parts are left out, the least important first.
ROWS_WITH_SERVICES = 16
COLUMNS_WITH_SPARKS = 76
COLUMNS_WITH_DATES = 100

# A stage that has something to do and does nothing for so long is worth a word.
STUCK_SECONDS = 10.0
SPARKS_MAX = 60
STAGE_COLUMNS = 62


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


def verdict(scene: Scene, now: float) -> tuple[str, str]:
    """One sentence on how the pipeline does, and its colour: the first thing that a user wants to know."""
    progress = scene.progress
    if progress.is_redis_away:
        return "Redis does not answer; it is started again.", "red"
    troubled = [(name, health) for name, health in scene.health.items() if not health.is_ready]
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
    return f"All that was read is stored.{_newest(scene)}", "green"


def _newest(scene: Scene) -> str:
    """When the event happened that was stored last; in a replayed capture that is long ago."""
    seconds = scene.newest_event_seconds
    if seconds is None:
        return ""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    return f" The newest event is of {when}, {duration(time.time() - seconds)} old."


def render(scene: Scene, columns: int, rows: int, palette: Palette, now: float) -> list[str]:
    """The whole screen: exactly `rows` lines, none wider than `columns`."""
    lines = [_title(scene, columns, now), _verdict_line(scene, now), []]
    lines += _stages(scene, columns, now)
    if rows >= ROWS_WITH_SERVICES:
        lines += [[], *_services(scene, columns)]
    lines += [[Piece(f"! {clock_time} {printable(notice)}", "yellow")] for clock_time, notice in scene.notices[-2:]]
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


def _verdict_line(scene: Scene, now: float) -> list[Piece]:
    sentence, colour = verdict(scene, now)
    return [Piece("● ", colour), Piece(sentence)]


def _stages(scene: Scene, columns: int, now: float) -> list[list[Piece]]:
    with_sparks = columns >= COLUMNS_WITH_SPARKS
    sparks = min(SPARKS_MAX, columns - STAGE_COLUMNS - 2)
    heading = cell("stage", 10) + "".join(
        cell(name, columns_of_it, right=True)
        for name, columns_of_it in (("events", 12), ("per second", 12), ("waiting", 10), ("rejected", 10), ("newest", 8))
    )
    rows = [[Piece(heading + ("  rate" if with_sparks else ""), "dim")]]
    for stage in scene.progress.stages:
        since = duration(None if stage.changed_at is None else now - stage.changed_at)
        waiting = _waiting(scene, stage)
        pieces = [
            Piece(cell(stage.label, 10), "bold"),
            Piece(cell(f"{stage.count:,}", 12, right=True)),
            Piece(cell(rate(stage.history.current), 12, right=True), "green" if stage.history.current else "dim"),
            Piece(cell(waiting, 10, right=True), "dim" if waiting == "0" else "yellow"),
            Piece(cell(f"{stage.rejected:,}", 10, right=True), "red" if stage.rejected else "dim"),
            Piece(cell(since, 8, right=True)),
        ]
        if with_sparks:
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
        rows.append(
            [
                Piece("● " if health.is_ready else "○ ", colour),
                Piece(cell(name, 21)),
                Piece(cell(size(health.resident_bytes), 9, right=True)),
                Piece(cell(f"{scene.cpu_percent.get(name, 0):.0f} %", 8, right=True)),
                Piece("  " + printable(health.reason), "" if health.is_ready else "yellow"),
            ]
        )
    rows[0].append(Piece(cell(f"in sum {total}", max(0, columns - 40), right=True), "dim"))
    return rows


def _alerts(scene: Scene, columns: int, rows: int) -> list[list[Piece]]:
    lines = [[Piece("latest alerts", "dim")]]
    alerts = scene.alerts
    if not alerts:
        return [*lines, [Piece("none yet", "dim")]]
    time_format = "%m-%d %H:%M:%S " if columns >= COLUMNS_WITH_DATES else "%H:%M:%S "
    shown = alerts[: rows - 1]
    routes = [printable(f"{alert.source} → {alert.destination}") for alert in shown]
    # Addresses matter as much as the name of the rule, but IPv6 must not push it out.
    route_columns = min(max(map(width, routes)), columns // 2)
    for alert, route in zip(shown, routes):
        severity, colour = severity_word(alert.severity)
        when = time.strftime(time_format, time.localtime(alert.time_seconds))
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
