"""scripts/run: install, build, start, show, end."""

import os
import signal
import sys

# Until the run listens itself, Ctrl-C simply ends the program; there is nothing to clean up yet.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from .options import parse  # noqa: E402
from .run import Run  # noqa: E402
from .stopping import RunError, Stopped, StopRequest  # noqa: E402
from .text import printable  # noqa: E402


def main() -> int:
    """Returns the status of the program."""
    options = parse(sys.argv[1:])
    stop = StopRequest()
    try:
        return Run(options, stop).execute()
    except RunError as error:
        print("scripts/run: " + "\n".join(map(printable, str(error).split("\n"))), file=sys.stderr)
        return 1
    except Stopped:
        print("scripts/run: interrupted; everything that was started has ended.", file=sys.stderr)
        return stop.exit_status
    except BrokenPipeError:
        # Who read standard output is gone; Python would only complain that it cannot say anything more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
