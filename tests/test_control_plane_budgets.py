"""What the pages of control-plane may cost a browser: time until something is seen, and memory over a working day.

HEAP_MINUTES=10 lets the test of memory work for so long; by default it goes a few times through the pages.
"""

import os
import time
from datetime import datetime, timedelta, timezone

import pytest

from support import eve
from support.control_plane import PASSWORD, ControlPlane
from support.pages import Visitor
from support.stack import Stack
from support.waiting import until

PAINT_MILLISECONDS_MAX = 1_000
# What a browser may keep beside what a page needs, such as compiled code and lists to go back to.
HEAP_BYTES_MAX = 3_000_000


@pytest.fixture(scope="module")
def visitor(tmp_path_factory, pages, browser):
    stack = Stack()
    began = datetime.now(timezone.utc) - timedelta(minutes=30)
    eve.append(stack.eve, b"".join(eve.line(number, time=began + timedelta(seconds=number)) for number in range(800)))
    stack.start()
    plane = visitor = None
    try:
        stack.until_stored(800, 60)
        plane = ControlPlane(tmp_path_factory.mktemp("plane"), tls="off", pages_dir=str(pages),
                             sections={"sqlite": {"path": str(stack.store)}}).start().until_ready()
        plane.set_up("ana")
        plane.until_indexed(stack.store)
        visitor = Visitor(browser, plane.origin)
        visitor.log_in("ana", PASSWORD)
        yield visitor
        assert visitor.complaints == []
    finally:
        if visitor:
            visitor.close()
        if plane:
            plane.kill()
        stack.close()


@pytest.mark.parametrize("path, useful", [("/", "main h1"), ("/inbox", "tbody tr"), ("/events", "tbody tr")])
def test_something_useful_is_seen_within_a_second_on_a_slow_device(visitor, path, useful):
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    times = []

    def is_quick():
        page = visitor.visit(path)
        page.locator(useful).first.wait_for()
        seen = page.evaluate("performance.now()")
        page.wait_for_load_state("networkidle")
        times.append(round(seen))
        return seen < PAINT_MILLISECONDS_MAX

    try:
        # A machine that is busy with other tests may need several tries; one that is quiet needs the first.
        until(is_quick, lambda: f"{path} to be seen, after {times} ms", 120)
    finally:
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        devtools.detach()


def test_memory_stays_flat(visitor):
    page = visitor.visit("/")
    devtools = visitor.context.new_cdp_session(page)
    minutes = float(os.environ.get("HEAP_MINUTES", "0"))

    def work():
        for path, heading in (("/inbox", "Inbox"), ("/events", "Events"), ("/hosts", "Hosts"), ("/", "Overview")):
            page.locator(f"nav a[href='{path}']").click()
            page.get_by_role("heading", name=heading, level=1).wait_for()
            page.wait_for_load_state("networkidle")
            if heading in ("Inbox", "Events"):
                page.locator("tbody tr").first.wait_for()
                page.locator("tbody tr td.wide a").first.click()
                page.get_by_role("tab", name="All fields").wait_for()

    def used():
        devtools.send("HeapProfiler.collectGarbage")
        return devtools.send("Runtime.getHeapUsage")["usedSize"]

    # What is kept for Back is bounded, and full after so many pages.
    for _ in range(6):
        work()
    before, began, rounds = used(), time.monotonic(), 0
    while rounds < 6 or time.monotonic() - began < minutes * 60:
        work()
        rounds += 1
    after = used()
    print(f"heap {before} then {after} bytes after {rounds} rounds in {time.monotonic() - began:.0f} s")
    assert after - before < HEAP_BYTES_MAX
