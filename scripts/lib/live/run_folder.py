"""The folder that holds what belongs to one run: Redis' data, configuration, logs and, by default, the store."""

import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .stopping import RunError

# Captures of the fixtures give a few MB of events; with less than this free, the RAM disk is left to others.
RAM_FREE_BYTES_MIN = 256 << 20

SHARED_MEMORY = Path("/dev/shm")


class RunFolder:
    """Owned by one run at a time, which a lock makes sure of."""

    def __init__(self, path: Path, former: Path | None = None) -> None:
        """`former`: another place where this folder may be."""
        self.path = path
        self._former = former
        self.logs = path / "logs"
        self.redis = path / "redis"
        self.configuration = path / "config.yaml"
        self.letters = path / "rejected.ndjson"
        self.control_plane = path / "control-plane"
        self.pages = path / "pages"
        self._ram_link = path / "ram"
        self._lock: int | None = None

    def claim(self) -> None:
        """Makes the folder ours; raises RunError if another run has it.

        One that is still in its former place is moved here, the event store with it.
        """
        former = self._former if self._former and self._former.is_dir() and not self.path.exists() else None
        try:
            if former:
                self._lock_in(former)
                self.path.parent.mkdir(parents=True, exist_ok=True)
                former.rename(self.path)
                print(f"The state folder {former} is now {self.path}.", file=sys.stderr)
            else:
                self.path.mkdir(parents=True, exist_ok=True)
                self._lock_in(self.path)
        except OSError as error:
            raise RunError(
                f"The state folder {self.path} cannot be used"
                + (f" in the place of {former}" if former else "")
                + f": {error.strerror}. Name another one with --state DIR."
            ) from error

    def _lock_in(self, path: Path) -> None:
        self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(self._lock, 32).decode("ascii", "replace").strip()
            raise RunError(
                f"Another scripts/run (process {owner or 'unknown'}) is at work in {path}.\n"
                "End it first, or give this one a folder of its own with --state DIR."
            ) from error
        os.ftruncate(self._lock, 0)
        os.write(self._lock, b"%d\n" % os.getpid())

    def prepare(self, afresh: bool, store: Path | None) -> None:
        """Makes the sub-folders; afresh also removes what an earlier run left there.

        `store` is the store to remove with it, None to leave it as it is.
        """
        self.remove_ram_folder()
        shutil.rmtree(self.logs, ignore_errors=True)
        self.letters.unlink(missing_ok=True)
        if afresh:
            self.remove_redis_data()
            # The page's index is of the store that was there before, and is made anew from the one to come.
            for file in self.control_plane.glob("index.db*"):
                file.unlink()
            if store is not None:
                for suffix in ("", "-wal", "-shm"):
                    store.with_name(store.name + suffix).unlink(missing_ok=True)
        self.logs.mkdir()
        self.redis.mkdir(mode=0o700, exist_ok=True)

    def remove_redis_data(self) -> None:
        """Forgets what waits and how far the file was read."""
        shutil.rmtree(self.redis, ignore_errors=True)

    def make_ram_folder(self) -> Path:
        """A new folder for Suricata's output: on the RAM disk if there is room, else in the temporary folder."""
        parent = None
        if SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK):
            if shutil.disk_usage(SHARED_MEMORY).free >= RAM_FREE_BYTES_MIN:
                parent = SHARED_MEMORY
        folder = Path(tempfile.mkdtemp(prefix="ids-run-", dir=parent))
        # Noted before it is used, so that the next run can remove it if this one is killed.
        self._ram_link.symlink_to(folder)
        return folder

    def remove_ram_folder(self) -> None:
        """Removes the folder for Suricata's output, of this run or of an earlier one that was killed."""
        if self._ram_link.is_symlink():
            folder = Path(os.readlink(self._ram_link))
            if folder.name.startswith("ids-run-"):
                shutil.rmtree(folder, ignore_errors=True)
            self._ram_link.unlink()


def write_private(path: Path, text: str) -> None:
    """Writes a file that only this user can read."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
