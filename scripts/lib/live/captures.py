"""A real Suricata reads the captures of the fixtures and writes eve.json."""

import subprocess
import tempfile
from pathlib import Path

from .children import Child, Children, describe
from .options import REPOSITORY, Options
from .stopping import RunError, StopRequest

REPLAY = REPOSITORY / "fixtures" / "replay"

# All captures as living traffic, in a time that one likes to watch.
LIVE_SECONDS = 60

STATUS_NOT_INSTALLED = 3


def find_suricata(options: Options, children: Children) -> str:
    """The path of a Suricata; fetches Debian's without installing it if there is none. Raises RunError if none is had."""
    flag = [] if options.install else ["--no-install"]
    script = '. "$0" && suricata_obtain "$@"'
    with tempfile.TemporaryFile() as answer:
        status = children.run(
            ["bash", "-c", script, str(REPOSITORY / "scripts/lib/suricata.sh"), *flag], answer, messages=2
        )
        answer.seek(0)
        path = answer.read().decode().strip()
    if status == 0 and path:
        return path
    advice = "without --no-install it is fetched" if status == STATUS_NOT_INSTALLED else "the reason is above"
    raise RunError(f"There is no Suricata to read the captures ({advice}). With --eve FILE none is needed.")


def version(program: str) -> str:
    """The version that the program says it has, or an empty text."""
    try:
        text = subprocess.run([program, "-V"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return text.partition("version ")[2].split(" ")[0].strip()


class CaptureReplay:
    """Runs Suricata over the captures, again when asked; each time it appends to the same eve.json."""

    def __init__(self, suricata: str, output: Path, logs: Path, children: Children, live: bool) -> None:
        self._children = children
        self._name = f"Suricata {version(suricata)}".strip()
        pace = [f"--live={LIVE_SECONDS}"] if live else []
        self._child = Child(
            "suricata",
            [str(REPLAY), f"--suricata={suricata}", *pace, str(output)],
            logs / "suricata.log",
            is_started_again=False,
        )
        self.begin()

    @property
    def description(self) -> str:
        """What happens at this moment, for the view."""
        if self._child.is_running:
            return f"{self._name} reads the captures as if they happened now"
        status = self._child.process.returncode if self._child.process else 0
        if status != 0:
            return f"{self._name} {describe(status)}, see {self._child.log}"
        return f"{self._name} has read the captures"

    def begin(self) -> None:
        """Reads the captures, or reads them again; without effect while it is at it."""
        if not self._child.is_running:
            self._children.start(self._child)

    def run_through(self, stop: StopRequest) -> None:
        """Waits until they are read; raises RunError if Suricata fails."""
        while self._child.is_running:
            stop.check()
            stop.wait(0.05)
        if self._child.process and self._child.process.returncode != 0:
            raise RunError(f"{self.description}:\n{self._child.log_tail()}")

    def end(self) -> None:
        """Reads no more."""
        self._children.stop(self._child)
