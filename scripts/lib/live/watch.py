"""Looks at all parts of a running pipeline and keeps the scene that the view shows."""

import time
from collections import deque

from .captures import CaptureReplay
from .children import Children
from .options import Options
from .page import Page
from .private_redis import MAXMEMORY_BYTES, PrivateRedis
from .progress import Progress
from .services import Health, Service, probe, process_cost
from .store import Alert, EventStore
from .text import Palette, shown_path, size
from .view import Scene, render

ALERTS_KEPT_MAX = 200
NOTICES_KEPT_MAX = 10
READER = "eve-reader"

# What the reader says is in the file and not read yet.
UNREAD_BYTES = "ids_eve_reader_unread_bytes"


class Watch:
    """Supervises the processes and asks Redis, the services and the store."""

    def __init__(
        self,
        progress: Progress,
        store: EventStore,
        services: list[Service],
        redis: PrivateRedis,
        children: Children,
        replay: CaptureReplay | None,
        page: Page | None,
        options: Options,
    ) -> None:
        self.progress = progress
        self.store = store
        self.services = services
        self.redis = redis
        self.page = page
        self._children = children
        self._replay = replay
        self._expected_to_finish = frozenset({READER} if options.once else ())
        self._alerts: deque[Alert] = deque(maxlen=ALERTS_KEPT_MAX)
        self._notices: deque[tuple[str, str]] = deque(maxlen=NOTICES_KEPT_MAX)
        self._cpu: dict[str, tuple[float, float]] = {}
        self.scene = Scene(
            title="IDS pipeline",
            store=shown_path(options.store),
            keys="q ends" + ("  r reads the captures again" if replay else "") + ("  l makes a link" if page else ""),
            progress=progress,
        )

    @property
    def counts(self) -> list[int]:
        """Changes whenever anything moves."""
        return [number for stage in self.progress.stages for number in (stage.count, stage.rejected)]

    @property
    def is_all_stored(self) -> bool:
        """With --once: the reader has seen the end of the file, and nothing is left in Redis."""
        return self.services[0].child.is_finished and self.progress.is_drained

    def tick(self, now: float) -> None:
        """Starts again what has ended by accident."""
        notices = self._children.supervise(now, self._expected_to_finish)
        for notice in notices:
            self._notices.append((time.strftime("%H:%M:%S"), notice))
            reader = self.services[0].child
            if notice.startswith("redis ") and reader.is_finished:
                # A killed Redis forgets its last second, and with it perhaps the end of the file.
                reader.is_finished = False
                self._children.start(reader)
        self.scene.notices = list(self._notices)
        if self._replay:
            self.scene.feed = self._replay.description
        if self.page:
            self.page.tick(now)
            self.scene.page = self.page.line

    def look_around(self, now: float) -> list[Alert]:
        """Asks every part how it is; returns the alerts that are new since the last time, newest first."""
        memory, cpu_seconds = process_cost(self.redis.child.process_id)
        used = f"{size(self.progress.redis_bytes)} of {size(MAXMEMORY_BYTES)} used"
        reason = "does not answer" if self.progress.is_redis_away else used
        health = {"redis": Health(not self.progress.is_redis_away, reason, memory, cpu_seconds, {})}
        health |= {service.name: probe(service) for service in self.services}
        if self.page:
            health |= self.page.look_around(now)
        self.scene.health = health
        self.scene.cpu_percent = {name: self._cpu_percent(name, now, part) for name, part in health.items()}
        self.scene.unread_bytes = int(health[READER].metrics.get(UNREAD_BYTES, 0))
        self.scene.newest_event_seconds = self.store.newest_time_seconds()
        new_alerts = self.store.latest_alerts(ALERTS_KEPT_MAX)
        self._alerts.extendleft(reversed(new_alerts))
        self.scene.alerts = list(self._alerts)
        return new_alerts

    def frame(self, columns: int, rows: int, palette: Palette, now: float) -> list[str]:
        """The screen as it is to be shown now."""
        return render(self.scene, columns, rows, palette, now)

    def _cpu_percent(self, name: str, now: float, health: Health) -> float:
        before, spent_before = self._cpu.get(name, (now, health.cpu_seconds))
        self._cpu[name] = (now, health.cpu_seconds)
        if now <= before or health.cpu_seconds < spent_before:
            return 0.0
        return 100 * (health.cpu_seconds - spent_before) / (now - before)
