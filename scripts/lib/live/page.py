"""The page of control-plane over this run's store: its files, its port, and the link that logs in."""

import signal
import socket
import subprocess
from pathlib import Path

from . import services
from .children import Child, Children
from .options import REPOSITORY
from .private_redis import free_port
from .run_folder import RunFolder

# The port that people know; another one when something listens there already, such as a second run.
PORT = 8000

# A link is good for ten minutes.
LINK_SECONDS = 540.0
LINK_MAKING_SECONDS = 10.0

SESSIONS = "ids_control_plane_sessions"


class Page:
    """Comes up beside the pipeline, which does not wait for it and goes on without it."""

    def __init__(self, folder: RunFolder, programs: Path, children: Children) -> None:
        self._children = children
        # Whoever listens keeps the port from others; the program gets it at its start.
        self._reserved = _listening()
        port = self._reserved.getsockname()[1]
        # Not `localhost`, at whose IPv6 address somebody else of this machine may listen.
        self._address = f"http://127.0.0.1:{port}"
        self.settings: dict[str, object] = {
            "bind": "127.0.0.1",
            "port": port,
            "tls": "off",
            "http_port": free_port(),
            "data_dir": str(folder.control_plane),
            "pages_dir": str(folder.pages),
        }
        # In the user's whole environment, which may say by which index or proxy PyPI is reached.
        self._pages = Child(
            "pages",
            [str(REPOSITORY / "scripts" / "pages"), str(folder.pages)],
            folder.logs / "pages.log",
            folder=REPOSITORY,
            death_signal=signal.SIGTERM,
            is_started_again=False,
        )
        program = str(programs / "control-plane")
        self._link_command = [program, "login-link", "--config", str(folder.configuration)]
        self._service = services.Service(
            "control-plane",
            self.settings["http_port"],
            Child(
                "control-plane",
                [program, "run", "--config", str(folder.configuration)],
                folder.logs / "control-plane.log",
                services.environment(),
                is_needed=False,
            ),
        )
        self._link_at: float | None = None
        self._making: subprocess.Popen[str] | None = None
        self._is_entered = False
        self.line = ""

    def start(self) -> None:
        """Begins with the files; control-plane reads them at its own start."""
        self._children.start(self._pages)

    def tick(self, now: float) -> None:
        """Starts control-plane when its files are there, and renews the link before it is too old."""
        child = self._service.child
        if child.process is None and not self._pages.is_running:
            self._reserved.close()
            self._children.start(child)
        if child.is_finished:
            self.line = f"does not work, see {child.log}"
        elif self._making:
            self._take_link(now)
        elif self._link_at is not None and now - self._link_at > LINK_SECONDS and not self._is_entered:
            self.show_link(now)

    def look_around(self, now: float) -> dict[str, services.Health]:
        """How control-plane is, by its name; nothing before its start."""
        if self._service.child.process is None:
            return {}
        health = services.probe(self._service)
        if health.is_ready and self._link_at is None:
            self.show_link(now)
        # Who is logged in needs no link, and whoever looks over the shoulder should see none.
        entered = health.metrics.get(SESSIONS, 0) > 0
        if entered and not self._is_entered and not self._making:
            self.line = self._address
        elif self._is_entered and not entered:
            self.show_link(now)
        self._is_entered = entered
        return {self._service.name: health}

    def show_link(self, now: float) -> None:
        """Begins to make a link that logs in once; when the page has none of its libraries there is nothing to log in to."""
        if self._service.child.process is None or self._making:
            return
        self._link_at = now
        if self._pages.process and self._pages.process.returncode != 0:
            self.line = (
                f"{self._address} has the API alone: PyPI did not give the page's libraries (see {self._pages.log}); "
                "the next run tries again"
            )
            return
        try:
            self._making = subprocess.Popen(
                self._link_command,
                env=services.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError:
            self.line = self._address

    def _take_link(self, now: float) -> None:
        """Shows the link when it is made; whoever looks at the run does not wait for it."""
        assert self._making and self._making.stdout and self._link_at is not None
        if self._making.poll() is None:
            if now - self._link_at < LINK_MAKING_SECONDS:
                return
            self._making.kill()
        # At most a line, which the pipe holds.
        made = self._making.stdout.read().strip()
        self.line = made if self._making.wait() == 0 else self._address
        self._making = None

    def stop(self) -> None:
        """Ends it in order."""
        self._reserved.close()
        if self._making:
            self._making.kill()
            self._making.communicate()
        self._children.stop(self._pages)
        self._children.stop(self._service.child)


def _listening() -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", PORT))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))
