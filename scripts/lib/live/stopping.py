"""One place that knows whether the user wants the run to end."""

import os
import select
import signal
import time


class Stopped(Exception):
    """The user asked for the end (Ctrl-C, SIGTERM, or the terminal is gone)."""


class RunError(Exception):
    """The run cannot go on; the message says why and what can be done."""


class StopRequest:
    """Remembers the first signal that asks for the end and cuts every wait short.

    Nothing is thrown from inside a signal handler: the program looks at its own points, so a process that has just
    been started is always known by the time the run ends.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self.count = 0
        self._reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        self.resized = False
        signal.signal(signal.SIGWINCH, self._note_resize)

    def _note(self, number: int, _frame: object) -> None:
        self.request(number)

    def _note_resize(self, _number: int, _frame: object) -> None:
        self.resized = True

    def request(self, number: int = signal.SIGINT) -> None:
        """Asks for the end as if the signal had come."""
        self.signal = self.signal or number
        self.count += 1

    @property
    def is_requested(self) -> bool:
        return self.signal is not None

    @property
    def exit_status(self) -> int:
        """What a shell expects of a program that was ended by the signal."""
        return 128 + (self.signal or signal.SIGINT)

    def check(self) -> None:
        """Raises Stopped if the end was asked for."""
        if self.is_requested:
            raise Stopped

    def wait(self, seconds: float, *descriptors: int) -> list[int]:
        """Waits, at most until a signal comes or a descriptor is readable; returns the readable ones."""
        if seconds < 0:
            seconds = 0
        ready, _, _ = select.select([self._reader, *descriptors], [], [], seconds)
        if self._reader in ready:
            try:
                os.read(self._reader, 4096)
            except BlockingIOError:
                pass
            ready.remove(self._reader)
        return ready

    def pause(self, seconds: float) -> None:
        """Waits the whole time; raises Stopped as soon as the end is asked for."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.check()
            self.wait(left)
        self.check()
