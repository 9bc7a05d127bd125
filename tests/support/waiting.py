"""Waiting for something to become true, with a deadline and a message that says what was missing."""

import time


def until(condition, what, seconds=60.0, every=0.02):
    """Calls `condition` until it gives something true, and returns that.

    `what` names the awaited state for the failure message, or is a function that does so then. A condition that
    raises counts as not yet true, but for an AssertionError: that says that it never will be.
    """
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except AssertionError:
            raise
        except Exception as error:  # the awaited part may not answer yet
            last = error
        if time.monotonic() >= deadline:
            what = what() if callable(what) else what
            raise AssertionError(f"after {seconds:g} s still waiting for: {what} (last seen: {last!r})")
        time.sleep(every)


def until_steady(value, what, for_seconds=1.0, seconds=60.0, every=0.05):
    """Waits until `value()` has not changed for `for_seconds`, and returns it."""
    deadline = time.monotonic() + seconds
    last, since = value(), time.monotonic()
    while time.monotonic() - since < for_seconds:
        if time.monotonic() >= deadline:
            raise AssertionError(f"after {seconds:g} s still changing: {what} (last seen: {last!r})")
        time.sleep(every)
        now = value()
        if now != last:
            last, since = now, time.monotonic()
    return last
