"""What a run says where there is no terminal to draw on: one line when something has changed."""

import sys
import time
from typing import TextIO

from .services import Health
from .store import Alert
from .text import clock, duration, printable, severity_word
from .view import Scene

ALERTS_A_SECOND_MAX = 5

# That a service which has just been started does not answer yet is no news.
GRACE_SECONDS = 3.0


class PlainLines:
    """Writes to standard output, or with --once to standard error, where only the result belongs on the former."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        self._last_counts: list[int] = []
        self._last_reasons: dict[str, str] = {}
        self._last_feed = ""
        self._has_said_page = False
        self._last_notices: list[tuple[str, str]] = []
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Writes one line with the running time before it."""
        print(f"{clock(time.monotonic() - self._began)} {printable(text)}", file=self._output, flush=True)

    def show(self, scene: Scene, new_alerts: list[Alert]) -> None:
        """Writes what has changed since the last call."""
        if scene.feed != self._last_feed:
            self._last_feed = scene.feed
            self.say(scene.feed)
        if scene.page and not self._has_said_page:
            # Only the first link: another one can be made when it is wanted.
            self._has_said_page = True
            self.say(f"page: {scene.page}")
        if scene.notices != self._last_notices:
            self._last_notices = list(scene.notices)
            self.say(scene.notices[-1][1])
        for name, health in scene.health.items():
            self._show_health(name, health)
        for alert in new_alerts[:ALERTS_A_SECOND_MAX]:
            route = f"{alert.source} → {alert.destination}"
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(alert.time_seconds))
            self.say(f"alert: {when}: {severity_word(alert.severity)[0]}: {alert.signature}: {route}")
        if len(new_alerts) > ALERTS_A_SECOND_MAX:
            self.say(f"alert: {len(new_alerts) - ALERTS_A_SECOND_MAX} more")
        stages = scene.progress.stages
        counts = [number for stage in stages for number in (stage.count, stage.waiting, stage.rejected)]
        if counts == self._last_counts:
            return
        self._last_counts = counts
        parts = [
            f"{stage.label} {stage.count} ({stage.history.current:.0f}/s)"
            + (f" waiting {stage.waiting}" if stage.source.stream else "")
            for stage in stages
        ]
        rejected = sum(stage.rejected for stage in stages)
        newest = scene.newest_event_seconds
        age = f", newest event {duration(time.time() - newest)} old" if newest is not None else ""
        self.say(f"{', '.join(parts)}, rejected {rejected}{age}")

    def _show_health(self, name: str, health: Health) -> None:
        reason = "" if health.is_ready else health.reason
        if reason and time.monotonic() - self._began < GRACE_SECONDS:
            return
        if reason != self._last_reasons.get(name, "not asked yet"):
            self.say(f"{name}: {'ready' if health.is_ready else 'not ready: ' + reason}")
        self._last_reasons[name] = reason
