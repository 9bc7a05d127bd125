"""What has to be there before anything can be started: packages and programs."""

import subprocess
import sys
from pathlib import Path

from .children import Children, tie_life_to_parent
from .options import REPOSITORY, Options
from .stopping import RunError, StopRequest


def install(options: Options, stop: StopRequest) -> None:
    """Names missing Debian packages and installs them; raises RunError if something needed stays missing."""
    command = [str(REPOSITORY / "scripts" / "install-dependencies")]
    command += ([] if options.install else ["--no-install"]) + ["build", "run"]
    # Not in a session of its own: sudo may have to ask for a password on the terminal. On a signal it finishes what
    # dpkg has begun and ends; a half-installed package would be a poor present.
    process = subprocess.Popen(command, stdout=sys.stderr, preexec_fn=tie_life_to_parent())
    was_told = False
    while process.poll() is None:
        stop.wait(0.05)
        if stop.is_requested and not was_told:
            process.terminate()
            was_told = True
    stop.check()
    if process.returncode != 0:
        raise RunError("What is missing must be installed first, see above.")


def build(options: Options, children: Children) -> Path:
    """Builds the services if a source is newer than the programs; returns their folder, raises RunError if that fails."""
    if options.programs:
        return options.programs
    if children.run([str(REPOSITORY / "scripts" / "build"), "--if-changed"], sys.stderr.fileno()) != 0:
        raise RunError("The services could not be built, see above.")
    return REPOSITORY / "build" / "bin"
