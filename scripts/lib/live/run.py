"""One run from the first check to the summary."""

import shutil
import signal
import sys
import time
from pathlib import Path

from . import private_redis, services
from .captures import CaptureReplay, find_suricata
from .children import Children
from .options import RUNS, Options
from .letters import Letters
from .page import Page
from .plain import PlainLines
from .progress import Progress
from .run_folder import RunFolder
from .preparation import build, install
from .stopping import RunError, StopRequest
from .store import EventStore
from .summary import rejections, summary
from .terminal import Terminal
from .text import Palette
from .watch import Watch

# How often the view is drawn anew, and how often --once looks whether all is done.
FRAME_SECONDS = 0.5
ONCE_LOOK_SECONDS = 0.1

# What is between the file and the store when the user ends a live run gets this long to arrive.
DRAIN_SECONDS = 3.0

# With --once: nothing has moved for so long although there is something to do.
STALLED_UNREADY_SECONDS = 30.0
STALLED_SECONDS = 120.0

# With --once: everything is done, but a store refused documents.
STATUS_REFUSED = 3


class Run:
    """Owns everything that is started and ends it, whatever happens."""

    def __init__(self, options: Options, stop: StopRequest) -> None:
        self._options = options
        self._stop = stop
        self._children = Children(stop)
        self._folder = RunFolder(options.state, options.former_state)
        self._say = PlainLines(sys.stderr).say
        self._letters = Letters(self._folder.letters)
        self._replay: CaptureReplay | None = None

    def execute(self) -> int:
        """Does it all; returns the status of the program."""
        options, folder = self._options, self._folder
        folder.claim()
        install(options, self._stop)
        programs = build(options, self._children)
        suricata = find_suricata(options, self._children) if options.eve is None else None
        owns_store = options.eve is None and options.store.is_relative_to(options.state)
        folder.prepare(options.starts_afresh, options.store if owns_store else None)
        try:
            status = self._with_parts(programs, suricata)
        finally:
            self._children.stop_all()
            folder.remove_ram_folder()
        if options.once:
            folder.remove_redis_data()
            is_of_use = folder.letters.exists() or folder.control_plane.exists() or options.store.is_relative_to(options.state)
            if options.state.parent == RUNS and not is_of_use:
                # Nobody asked for this folder.
                shutil.rmtree(options.state, ignore_errors=True)
        return status

    def _with_parts(self, programs: Path, suricata: str | None) -> int:
        options = self._options
        eve = options.eve
        if suricata:
            ram = self._folder.make_ram_folder()
            eve = ram / "eve.json"
            self._replay = CaptureReplay(suricata, ram, self._folder.logs, self._children, live=not options.once)
            if options.once:
                self._replay.run_through(self._stop)
        began = time.monotonic()
        redis = private_redis.start(self._folder, self._children, self._stop, services.environment())
        page = Page(self._folder, programs, self._children) if options.page else None
        parts = services.prepare(self._folder, options, programs, eve, redis, page.settings if page else {})
        for service in reversed(parts):
            # From the end of the flow to its beginning, so that who receives is there before who sends.
            self._children.start(service.child)
        if page:
            page.start()
        progress = Progress(redis.client, with_opensearch=options.opensearch is not None)
        store = EventStore(options.store)
        watch = Watch(progress, store, parts, redis, self._children, self._replay, page, options)
        try:
            if options.once:
                return self._once(watch, began)
            self._live(watch)
            self._end_in_order(watch)
            self._print_summary(watch)
            return 0
        finally:
            store.close()

    def _once(self, watch: Watch, began: float) -> int:
        """Waits until all that the file holds is stored, and returns the status; raises RunError if that does not happen."""
        lines = PlainLines(sys.stderr)
        look_at, moved_at, last_counts = 0.0, time.monotonic(), None
        while True:
            self._stop.check()
            now = time.monotonic()
            watch.tick(now)
            watch.progress.update(now)
            if watch.is_all_stored:
                break
            if now >= look_at:
                look_at = now + 1.0
                watch.look_around(now)
                lines.show(watch.scene, [])
            if watch.counts != last_counts:
                moved_at, last_counts = now, watch.counts
            self._raise_if_stalled(watch, now - moved_at)
            self._stop.wait(ONCE_LOOK_SECONDS)
        seconds = time.monotonic() - began
        lines.show(watch.scene, [])
        self._letters.keep(watch.redis.client)
        for line in rejections(watch.progress, self._letters):
            lines.say(line)
        print(f"stored={watch.progress.stored} rejected={watch.progress.rejected} seconds={seconds:.1f}", flush=True)
        return STATUS_REFUSED if watch.progress.refused_by_store else 0

    def _raise_if_stalled(self, watch: Watch, seconds: float) -> None:
        troubles = [f"{name}: {health.reason}" for name, health in watch.scene.health.items() if not health.is_ready]
        if seconds > STALLED_SECONDS or (troubles and seconds > STALLED_UNREADY_SECONDS):
            raise RunError(
                f"Nothing has moved for {seconds:.0f} s and not all is stored "
                f"({watch.progress.stored:,} are). {'; '.join(troubles) or 'All services say that they are ready.'}\n"
                f"Their logs are in {self._folder.logs}."
            )

    def _live(self, watch: Watch) -> None:
        """Shows what happens until the user ends it."""
        if Terminal.is_usable() and not self._options.plain:
            with Terminal() as terminal:
                self._draw_until_stopped(watch, terminal)
        else:
            lines = PlainLines()
            self._say(f"state: {self._folder.path}")
            while not self._stop.is_requested:
                now = time.monotonic()
                watch.tick(now)
                watch.progress.update(now)
                lines.show(watch.scene, watch.look_around(now))
                self._stop.wait(1.0)

    def _draw_until_stopped(self, watch: Watch, terminal: Terminal) -> None:
        palette = Palette.of_output(sys.stdout)
        look_at = frame_at = 0.0
        while not self._stop.is_requested:
            now = time.monotonic()
            watch.tick(now)
            if now >= look_at:
                look_at = now + 1.0
                watch.look_around(now)
            if now >= frame_at or self._stop.resized:
                frame_at, self._stop.resized = now + FRAME_SECONDS, False
                watch.progress.update(now)
                terminal.show(watch.frame(*terminal.size(), palette, now))
            keyboard = terminal.keyboard
            if self._stop.wait(max(0.0, frame_at - now), *([] if keyboard is None else [keyboard])):
                self._obey(terminal.keys(), watch)
            if terminal.is_suspend_requested:
                terminal.suspend()

    def _obey(self, keys: str, watch: Watch) -> None:
        # Nothing to read from a readable terminal means that it is gone.
        if not keys or "q" in keys or "\x03" in keys:
            self._stop.request(signal.SIGINT if keys else signal.SIGHUP)
        elif "r" in keys and self._replay:
            self._replay.begin()
        elif "l" in keys and watch.page:
            watch.page.show_link(time.monotonic())

    def _end_in_order(self, watch: Watch) -> None:
        """Stops the source first, then lets what is under way arrive, then stops the rest."""
        self._say("Ending…")
        asked = self._stop.count
        if self._replay:
            self._replay.end()
        reader, *others = [service.child for service in watch.services]
        self._children.stop(reader)
        deadline = time.monotonic() + (DRAIN_SECONDS if self._stop.signal == signal.SIGINT else 0)
        while True:
            watch.progress.update(time.monotonic())
            if watch.progress.is_drained or time.monotonic() >= deadline or self._stop.count > asked:
                break
            self._stop.wait(0.05)
        for child in others:
            self._children.stop(child)
        if watch.page:
            watch.page.stop()
        watch.progress.update(time.monotonic())

    def _print_summary(self, watch: Watch) -> None:
        palette = Palette.of_output(sys.stdout)
        columns = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
        seconds = time.monotonic() - watch.progress.began
        goes_on = self._options.eve is not None
        self._letters.keep(watch.redis.client)
        print("\n".join(summary(watch.progress, watch.store, self._letters, goes_on, seconds, columns, palette)))
