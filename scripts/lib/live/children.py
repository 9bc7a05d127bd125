"""Processes that the run starts: each in a group of its own, none of them outlives the run."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .stopping import RunError, StopRequest

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)

# A service that ends this often within this time does not work; starting it again would only hide that.
RESTARTS_MAX = 5
RESTART_WINDOW_SECONDS = 30.0
RESTART_DELAY_SECONDS = 0.5

# The services end within 10 s by contract; who takes longer is killed.
STOP_SECONDS = 12.0

# What a process leaves behind in its group gets this long to end by itself.
ORPHANS_SECONDS = 2.0

# Status by which a service says that its configuration is wrong: starting it again cannot help.
STATUS_CONFIGURATION = 2


@dataclass
class Child:
    """A process, how it was started, and how often it had to be started again."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] | None = None
    folder: Path | None = None
    death_signal: int = signal.SIGKILL
    is_started_again: bool = True
    # Without it the run goes on.
    is_needed: bool = True
    process: subprocess.Popen[bytes] | None = None
    restarts: list[float] = field(default_factory=list)
    start_again_at: float | None = None
    is_finished: bool = False

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def process_id(self) -> int | None:
        return self.process.pid if self.process and self.is_running else None

    def log_tail(self, lines: int = 8) -> str:
        """The last lines that the process wrote, for a message about its end."""
        try:
            text = self.log.read_bytes()[-8192:].decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join("    " + line for line in text.splitlines()[-lines:])


def tie_life_to_parent(death_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """What a new process does before its program starts, so that it gets the signal when this one ends."""
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        # The parent may have died between the fork and the line above.
        if os.getppid() != parent:
            os._exit(1)

    return tie


class Children:
    """Starts, watches and stops processes. All of them end when this process ends, however it ends."""

    def __init__(self, stop: StopRequest) -> None:
        self._stop = stop
        self._children: list[Child] = []
        # What a child leaves behind becomes ours instead of init's, so that it can be found and ended.
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def __iter__(self):
        return iter(self._children)

    def start(self, child: Child) -> Child:
        """Starts the process and remembers it."""
        if child not in self._children:
            self._children.append(child)
        child.start_again_at = None
        with open(child.log, "ab") as log:
            child.process = self._spawn(child, log)
        return child

    def run(
        self,
        command: list[str],
        output: IO[bytes] | int,
        messages: IO[bytes] | int = subprocess.STDOUT,
        death_signal: int = signal.SIGKILL,
    ) -> int:
        """Runs a command of the start-up to its end and returns its status; raises Stopped as soon as that is asked."""
        child = Child(command[0], command, Path(os.devnull), death_signal=death_signal)
        child.process = self._spawn(child, output, messages)
        try:
            while child.process.poll() is None:
                self._stop.check()
                self._stop.wait(0.1)
            return child.process.returncode
        finally:
            self._end_group(child, signal.SIGINT, 5.0)

    def _spawn(
        self, child: Child, output: IO[bytes] | int, messages: IO[bytes] | int = subprocess.STDOUT
    ) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C of the terminal must reach the run alone, which then ends the parts in order.
        return subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=messages,
            env=child.environment,
            cwd=child.folder,
            start_new_session=True,
            preexec_fn=tie_life_to_parent(child.death_signal),
        )

    def supervise(self, now: float, expected_to_finish: frozenset[str]) -> list[str]:
        """Starts again what has ended by accident; returns a sentence for each such end.

        Raises RunError when a process does not work at all.
        """
        notices = []
        for child in self._children:
            if child.is_running or child.is_finished or not child.is_started_again or child.process is None:
                continue
            status = child.process.returncode
            if status == 0 and child.name in expected_to_finish:
                child.is_finished = True
            elif child.start_again_at is None:
                child.restarts = [at for at in child.restarts if now - at < RESTART_WINDOW_SECONDS] + [now]
                if status == STATUS_CONFIGURATION or len(child.restarts) > RESTARTS_MAX:
                    reason = f"{child.name} {describe(status)} and does not work"
                    if child.is_needed:
                        raise RunError(f"{reason}. Its last words ({child.log}):\n{child.log_tail()}")
                    child.is_finished = True
                    notices.append(f"{reason}; the run goes on without it")
                    continue
                child.start_again_at = now + RESTART_DELAY_SECONDS * len(child.restarts)
                notices.append(f"{child.name} {describe(status)}; it is started again")
            elif now >= child.start_again_at:
                self.start(child)
        return notices

    def stop(self, child: Child) -> None:
        """Ends one process in order, or by force when it takes too long or the user asks again."""
        if child.is_running:
            self._end_group(child, signal.SIGTERM, STOP_SECONDS)
        child.is_finished = True

    def stop_all(self) -> None:
        """Ends everything, the last started first."""
        for child in reversed(self._children):
            self.stop(child)

    def _end_group(self, child: Child, number: int, seconds: float) -> None:
        process = child.process
        if process is None:
            return
        if process.poll() is None:
            signal_group(process.pid, number)
            asked_before = self._stop.count
            self._wait(lambda: process.poll() is None and self._stop.count <= asked_before, seconds)
            # The rest of the group may be at it still, as a build that ends its compilers.
            self._wait(lambda: process.poll() is not None and group_lives(process.pid), ORPHANS_SECONDS)
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
        self._end_orphans()

    def _end_orphans(self) -> None:
        """Ends processes that were left to us; theirs are left to us in turn, hence the loop."""
        known = {child.process.pid for child in self._children if child.process}
        while orphans := [pid for pid in children_of(os.getpid()) if pid not in known]:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Waits while the condition holds, but no longer than that."""
        deadline = time.monotonic() + seconds
        while condition() and time.monotonic() < deadline:
            self._stop.wait(0.02)


def group_lives(group: int) -> bool:
    """Whether any process of the group is left, its leader having ended."""
    try:
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def signal_group(group: int, number: int) -> None:
    """Sends a signal to a process group; one that is gone already is fine."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        pass


def children_of(parent: int) -> list[int]:
    """The processes whose parent this is, those that have ended and were not waited for included."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
    return found


def describe(status: int) -> str:
    """How a process ended, for people."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
