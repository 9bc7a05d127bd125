"""The terminal while the live view has it: second screen, keys without Enter, and back to what it was."""

import os
import signal
import sys
import termios
import tty

from .text import knows_escapes

ENTER = "\x1b[?1049h\x1b[?25l"
LEAVE = "\x1b[?25h\x1b[?1049l"

# Terminals that know it show a frame only when it is complete (synchronized update); others ignore it.
FRAME_BEGIN = "\x1b[?2026h\x1b[H"
FRAME_END = "\x1b[J\x1b[?2026l"


class Terminal:
    """A context: inside it frames are shown, and whatever happens the user's screen and keys come back."""

    def __init__(self) -> None:
        self._saved: list | None = None
        self.is_suspend_requested = False

    @staticmethod
    def is_usable() -> bool:
        """Whether standard output is a terminal that can place text."""
        return knows_escapes(sys.stdout)

    @property
    def keyboard(self) -> int | None:
        """The descriptor that keys come from."""
        return sys.stdin.fileno() if self._saved is not None else None

    def __enter__(self) -> "Terminal":
        signal.signal(signal.SIGTSTP, self._note_suspend)
        self._take()
        return self

    def __exit__(self, *_: object) -> None:
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)

    def suspend(self) -> None:
        """Gives the terminal back until the user continues the program (Ctrl-Z, fg)."""
        self.is_suspend_requested = False
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._take()

    def size(self) -> tuple[int, int]:
        """Columns and rows as they are now."""
        try:
            size = os.get_terminal_size(sys.stdout.fileno())
        except OSError:
            return 80, 24
        return max(20, size.columns), max(4, size.lines)

    def show(self, lines: list[str]) -> None:
        """Replaces what is on the screen. Every line is cleared behind its end, so that nothing old stays."""
        self._write(FRAME_BEGIN + "\r\n".join(line + "\x1b[K" for line in lines) + FRAME_END)

    def keys(self) -> str:
        """The keys that were pressed since the last call."""
        if self.keyboard is None:
            return ""
        return os.read(self.keyboard, 256).decode("utf-8", "replace")

    def _note_suspend(self, _number: int, _frame: object) -> None:
        self.is_suspend_requested = True

    def _take(self) -> None:
        if sys.stdin.isatty():
            self._saved = termios.tcgetattr(sys.stdin.fileno())
            tty.setcbreak(sys.stdin.fileno())
        self._write(ENTER)

    def _give_back(self) -> None:
        self._write(LEAVE)
        if self._saved is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._saved)
            self._saved = None

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            # The terminal is gone; the hang-up signal that comes with it ends the run.
            pass
