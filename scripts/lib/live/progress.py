"""How far the events have come: counters that move in the same Redis transaction as the events themselves."""

import time
from collections import deque
from dataclasses import dataclass, field

from .redis_client import RedisClient, RedisFailure

PREFIX = "ids:"

# The spark line shows one value a second.
HISTORY_SECONDS = 60
RATE_WINDOW_SECONDS = 3.0


@dataclass(frozen=True)
class StageSource:
    """Where the counters of a stage are: `ids:totals:<totals>`, field `field`, and its consumer group if it is one."""

    label: str
    totals: str
    counter: str
    stream: str | None
    group: str | None


STAGES = [
    StageSource("read", "eve-reader", "events", None, None),
    StageSource("mapped", "ecs-transformer", "events", "raw", "ecs-transformer"),
    StageSource("stored", "local", "stored", "ecs", "local"),
]
OPENSEARCH_STAGE = StageSource("opensearch", "opensearch", "stored", "ecs", "opensearch")
REJECTED = "rejected"


class RateHistory:
    """Events per second of the last minute, from a counter that is looked at now and then."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()
        self.per_second: deque[float] = deque(maxlen=HISTORY_SECONDS)
        self._second_began: tuple[float, int] | None = None

    def add(self, now: float, count: int) -> None:
        self._points.append((now, count))
        while len(self._points) > 2 and now - self._points[0][0] > RATE_WINDOW_SECONDS:
            self._points.popleft()
        if self._second_began is None:
            self._second_began = (now, count)
            return
        began, count_then = self._second_began
        if now - began >= 1.0:
            self.per_second.append(max(0.0, (count - count_then) / (now - began)))
            self._second_began = (now, count)

    @property
    def current(self) -> float:
        """Events per second over the last few seconds."""
        if len(self._points) < 2:
            return 0.0
        (began, count_then), (now, count) = self._points[0], self._points[-1]
        return max(0.0, (count - count_then) / (now - began)) if now > began else 0.0


@dataclass
class Stage:
    """One row of the view."""

    source: StageSource
    count: int = 0
    rejected: int = 0
    waiting: int = 0
    is_drained: bool = False
    changed_at: float | None = None
    stuck_since: float | None = None
    history: RateHistory = field(default_factory=RateHistory)

    @property
    def label(self) -> str:
        return self.source.label


class Progress:
    """Asks Redis and keeps what the view shows."""

    def __init__(self, redis: RedisClient, with_opensearch: bool) -> None:
        self._redis = redis
        self.stages = [Stage(source) for source in STAGES + ([OPENSEARCH_STAGE] if with_opensearch else [])]
        self.began = time.monotonic()
        self.dead_letters = 0
        self.redis_bytes = 0
        self.is_redis_away = False
        self._has_looked = False

    @property
    def rejected(self) -> int:
        """What never reaches a store: lines that are no events, and what each of the stores refused."""
        return sum(stage.rejected for stage in self.stages)

    @property
    def refused_by_store(self) -> list[tuple[str, int]]:
        """The stores that refused documents, each with their number."""
        return [(stage.source.totals, stage.rejected) for stage in self.stages[2:] if stage.rejected]

    @property
    def stored(self) -> int:
        return self._stage("stored").count

    @property
    def is_drained(self) -> bool:
        """Whether every entry of both streams has been acknowledged by all groups of this run."""
        return not self.is_redis_away and all(stage.is_drained for stage in self.stages)

    def _stage(self, label: str) -> Stage:
        return next(stage for stage in self.stages if stage.label == label)

    def update(self, now: float) -> None:
        """Takes one look; when Redis is away the last values stay."""
        totals = [("HGETALL", f"{PREFIX}totals:{stage.source.totals}") for stage in self.stages]
        groups = [("XINFO", "GROUPS", f"{PREFIX}{stream}") for stream in ("raw", "ecs")]
        streams = [("XINFO", "STREAM", f"{PREFIX}{stream}") for stream in ("raw", "ecs")]
        # The streams are asked in the order of the flow: what leaves one between two questions is seen in the next.
        try:
            answers = self._redis.ask(
                *streams[:1], *groups[:1], *streams[1:], *groups[1:], ("XLEN", f"{PREFIX}dead"), ("INFO", "memory"), *totals
            )
        except RedisFailure:
            self.is_redis_away = True
            return
        self.is_redis_away = False
        raw_stream, raw_groups, ecs_stream, ecs_groups, dead, memory, *hashes = answers
        self.dead_letters = dead if isinstance(dead, int) else 0
        self.redis_bytes = _info_value(memory, "used_memory")
        for stage, counters in zip(self.stages, hashes):
            self._count(stage, counters, now)
        self._has_looked = True
        self._set_waiting()
        is_drained = {
            "raw": _drained_groups(raw_stream, raw_groups),
            "ecs": _drained_groups(ecs_stream, ecs_groups),
        }
        for stage in self.stages:
            source = stage.source
            stage.is_drained = source.stream is None or source.group in is_drained[source.stream]
            if stage.is_drained:
                stage.waiting, stage.stuck_since = 0, None
            elif stage.stuck_since is None or stage.changed_at == now:
                stage.stuck_since = now

    def _count(self, stage: Stage, counters: object, now: float) -> None:
        values = _pairs(counters)
        count = int(values.get(stage.source.counter, b"0"))
        # The first look finds what an earlier run has counted.
        if count != stage.count and self._has_looked:
            stage.changed_at = now
        stage.count = count
        stage.rejected = int(values.get(REJECTED, b"0"))
        stage.history.add(now, count)

    def _set_waiting(self) -> None:
        read, mapped, *sinks = self.stages
        mapped.waiting = max(0, read.count - mapped.count - mapped.rejected)
        for sink in sinks:
            sink.waiting = max(0, mapped.count - sink.count - sink.rejected)


def _drained_groups(stream: object, groups: object) -> set[str]:
    """Names of the groups that have read and acknowledged everything; of a stream that does not exist, all."""
    if isinstance(stream, RedisFailure):
        return {source.group for source in [*STAGES, OPENSEARCH_STAGE] if source.group}
    last = _pairs(stream).get("last-generated-id")
    drained = set()
    for group in groups if isinstance(groups, list) else []:
        values = _pairs(group)
        if values.get("pending") == 0 and values.get("last-delivered-id") == last:
            drained.add(bytes(values["name"]).decode())
    return drained


def _pairs(answer: object) -> dict[str, object]:
    """The answer of HGETALL and the like as a dictionary."""
    if not isinstance(answer, list):
        return {}
    return {bytes(name).decode(): value for name, value in zip(answer[::2], answer[1::2])}


def _info_value(text: object, name: str) -> int:
    if isinstance(text, bytes):
        for line in text.decode().splitlines():
            if line.startswith(name + ":"):
                return int(line.partition(":")[2])
    return 0
