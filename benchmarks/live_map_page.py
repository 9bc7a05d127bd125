#!/usr/bin/python3
"""What the live map costs a browser with software rendering; status 1 when a bar is missed.

    benchmarks/live_map_page.py --nodes 300 --edges 1000 --seconds 20

Frames come as from the service, with as many pulses on their way as the page shows at most. Script is what Chromium says, heap
after a collection.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.control_plane import PASSWORD, ControlPlane  # noqa: E402
from support.live_map import MapStream, crowd  # noqa: E402
from support.pages import CHROMIUM, Visitor, playwright  # noqa: E402
from support.processes import REPOSITORY  # noqa: E402

FRAMES_BAR, SCRIPT_BAR_MS = 50, 3
# What the heap may grow by over the whole time.
HEAP_BAR = 0.1
COUNT_FRAMES = "window.drawn = 0; (function next() { drawn++; requestAnimationFrame(next); })()"


def measure(visitor, nodes, edges, seconds):
    page = visitor.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    stream = MapStream(page, crowd(nodes, edges))

    def figures():
        devtools.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        return found["Timestamp"], found["ScriptDuration"], found["JSHeapUsedSize"], page.evaluate("drawn")

    def second():
        stream.second(flash=[[1 + (stream.sequence * 97 + i * 3) % edges, 1, 900, int(i % 20 == 0), 0, 90] for i in range(300)])
        page.wait_for_timeout(1000)

    visitor.visit("/map")
    page.get_by_text("Live", exact=True).wait_for()
    page.evaluate(COUNT_FRAMES)
    for _ in range(5):
        second()
    began, script, heap, drawn = figures()
    for _ in range(seconds):
        second()
    ended, script_after, heap_after, drawn_after = figures()
    frames = drawn_after - drawn
    return {"frames_per_second": round(frames / (ended - began), 1), "script_ms_per_frame": round((script_after - script) / frames * 1000, 2),
            "heap_megabytes": round(heap_after / 1e6, 1), "heap_growth": round(heap_after / heap - 1, 3)}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--edges", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([REPOSITORY / "scripts/pages", f"{folder}/pages"], check=True)
        plane = ControlPlane(Path(folder), tls="off").start().until_ready()
        try:
            plane.set_up("ana")
            with playwright().sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                visitor = Visitor(browser, plane.origin)
                visitor.log_in("ana", PASSWORD)
                found = measure(visitor, options.nodes, options.edges, options.seconds)
                browser.close()
        finally:
            plane.kill()
    print(json.dumps(found, indent=2))
    missed = found["frames_per_second"] < FRAMES_BAR or found["script_ms_per_frame"] > SCRIPT_BAR_MS or found["heap_growth"] > HEAP_BAR
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
