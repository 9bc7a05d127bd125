"""The command line of scripts/run."""

import argparse
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from .text import printable

REPOSITORY = Path(__file__).resolve().parents[3]

# Runs without --state have their folders here, outside what is built: they hold event stores.
RUNS = REPOSITORY / "runs"

# Folders of runs that lie here are moved there when they are next used.
FORMER_RUNS = REPOSITORY / "build" / "run"

# How the names of compressed files end.
COMPRESSED = (".gz", ".xz", ".zst", ".bz2", ".lz4", ".zip")

EPILOG = """\
Without --eve a real Suricata reads the recorded captures as if they happened now, and each run starts with an empty
store. With --eve the file is followed like tail -F; the next run with the same file and store goes on where this
one ended.

The page is on port 8000 if that is free. The link that is shown logs in once, within ten minutes; the key l, or
`control-plane login-link --config …/config.yaml` with that of the state folder, makes another one. With --once there is no page.

Environment:
  OPENSEARCH_USERNAME, OPENSEARCH_PASSWORD or OPENSEARCH_PASSWORD_FILE, OPENSEARCH_CA_FILE   for --opensearch
  OPENSEARCH_PROXY, or as for curl https_proxy, HTTPS_PROXY, http_proxy, all_proxy, ALL_PROXY, no_proxy, NO_PROXY
  SENSOR_NAME   the name that the events carry (default: this machine's)
  IDS_BIN_DIR   a folder with the services, instead of building them
  SURICATA      the Suricata to use instead of the one on the PATH or Debian's
  NO_COLOR      any value: no colours

Status: 0 done, or ended with Ctrl-C while all was well, whatever lines were no events; 1 it could not work, the reason
is on standard error; 2 wrong options; 3 with --once: all is done, but a store refused documents; 130 and 143
interrupted by Ctrl-C or SIGTERM before the work was done.

What was rejected, with the reasons, is kept in rejected.ndjson of the state folder. The line of --once counts in
`rejected` the lines that are no events and what any of the stores refused, in `stored` what has come to the store.
"""


@dataclass(frozen=True)
class Options:
    """What the user asked for, checked and with every default filled in."""

    eve: Path | None
    store: Path
    state: Path
    former_state: Path | None
    programs: Path | None
    once: bool
    opensearch: str | None
    install: bool
    plain: bool
    page: bool

    @property
    def starts_afresh(self) -> bool:
        """Whether what an earlier run left in the state folder is of no use to this one.

        A position in the file without the store that it belongs to would leave a gap in the new store. With --once the
        file is always read whole: events that the store has already are recognised by their ids.
        """
        return self.eve is None or self.once or not self.store.exists()


class _Parser(argparse.ArgumentParser):
    """Shows what it was given in a form that cannot steer the terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def parse(arguments: list[str]) -> Options:
    """Turns the command line into options; ends the program with status 2 and a message if it cannot."""
    parser = _Parser(
        prog="scripts/run",
        description="Runs the whole pipeline on this machine: Suricata, Redis, eve-reader, ecs-transformer and "
        "opensearch-shipper as processes, with a live view of what goes through, and control-plane, whose page shows the store "
        "in a browser. Nothing listens beyond the loopback.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--eve", metavar="FILE", type=Path, help="follow this eve.json (or folder of eve.*.json)")
    parser.add_argument("--store", metavar="FILE.db", type=Path, help="SQLite event store (default: in the state folder)")
    parser.add_argument("--once", action="store_true", help="end when all that the file holds is stored; prints one line")
    parser.add_argument("--opensearch", metavar="URL", help="ship to this OpenSearch as well")
    parser.add_argument("--no-page", action="store_true", help="without control-plane and its page")
    parser.add_argument("--state", metavar="DIR", type=Path, help="folder for Redis, logs, store (default: runs/…)")
    parser.add_argument("--no-install", action="store_true", help="only say which packages are missing")
    parser.add_argument("--plain", action="store_true", help="plain lines even on a terminal")
    given = parser.parse_args(arguments)

    eve = given.eve.absolute() if given.eve else None
    if eve and (fault := _fault(eve, given.once)):
        parser.error(f"--eve {given.eve}: {fault}")
    if given.opensearch is not None and not given.opensearch.startswith(("http://", "https://")):
        parser.error("--opensearch: the URL must begin with http:// or https://")
    if given.opensearch is not None and "@" in given.opensearch:
        parser.error(
            "--opensearch: every user of the machine can see a password on a command line; leave it out of the URL and "
            "set OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD or OPENSEARCH_PASSWORD_FILE"
        )
    store = given.store.absolute() if given.store else None
    if store and (store.is_dir() or not store.parent.is_dir()):
        parser.error(f"--store {given.store}: must be a file in a folder that exists")
    name = _state_name(eve, store)
    state = (given.state or RUNS / name).absolute()
    if state.exists() and not state.is_dir():
        parser.error(f"--state {given.state}: is not a folder")
    return Options(
        eve=eve,
        store=store or state / "events.db",
        state=state,
        former_state=None if given.state else FORMER_RUNS / name,
        programs=Path(os.environ["IDS_BIN_DIR"]).absolute() if os.environ.get("IDS_BIN_DIR") else None,
        once=given.once,
        opensearch=given.opensearch,
        install=not given.no_install,
        plain=given.plain,
        page=not given.no_page and not given.once,
    )


def _fault(eve: Path, once: bool) -> str | None:
    """Why waiting would not make this file one that can be followed; with `once`, why it cannot be read now."""
    if eve.is_dir():
        has_output = any(file.is_file() and not file.is_symlink() for file in eve.glob("eve*.json"))
        return "not a regular file but a folder, and no eve.json in it" if once and not has_output else None
    if eve.suffix in COMPRESSED:
        return "compressed: unpack it first"
    if eve.exists():
        return None if eve.is_file() else "not a regular file"
    return "there is no such file (without --once it is waited for)" if once else None


def _state_name(eve: Path | None, store: Path | None) -> str:
    """A position in a file belongs to one file and one store, so each pair of them has a state folder of its own."""
    if eve is None and store is None:
        return "captures"
    digest = hashlib.sha256(f"{eve}\0{store}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{eve.stem if eve else 'captures'}-{digest}"
