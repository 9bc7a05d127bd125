"""The live map in Debian's Chromium: what it shows of frames as the service sends them, and of services that talk."""

import http.client
import re
import subprocess
from itertools import pairwise

import pytest
import yaml

from support.control_plane import PASSWORD, ControlPlane
from support.live_map import MapStream, Network, crowd, home, pair
from support.pages import Visitor, playwright
from support.processes import BINARIES, REPOSITORY, clean_environment, free_port

HOSTILE = "<img src=x onerror=\"document.title='owned'\">\u202e</b>"


@pytest.fixture(scope="module")
def plane(tmp_path_factory, pages):
    plane = ControlPlane(tmp_path_factory.mktemp("map"), tls="off", pages_dir=str(pages)).start().until_ready()
    plane.set_up("ana")
    yield plane
    plane.kill()


@pytest.fixture
def look(browser, plane):
    """Opens the map on a network that is told frame by frame; at the end no console may have complained."""
    visitors = []

    def open_map(network, query="", **options):
        visitor = Visitor(browser, plane.origin, **options)
        visitors.append(visitor)
        visitor.log_in("ana", PASSWORD)
        stream = MapStream(visitor.page, network)
        visitor.visit("/map" + query)
        visitor.page.get_by_text("Live", exact=True).wait_for()
        return visitor, stream

    yield open_map
    for visitor in visitors:
        visitor.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


# What is drawn in a colour of the theme on one of the two canvases: how many pixels, and the mean of their x and y. Read from
# a copy, as browsers advise.
SHOWN = """([name, which]) => {
    const canvas = document.querySelectorAll(".map-picture canvas")[which], probe = document.createElement("i");
    if (!canvas) return [0, null, null];
    const { width, height } = canvas;
    document.body.append(probe);
    probe.style.color = `var(--${name})`;
    const wanted = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
    probe.remove();
    const copy = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let count = 0, x = 0, y = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200 && wanted.every((value, j) => Math.abs(data[i + j] - value) < 12)) { x += i / 4 % width; y += Math.floor(i / 4 / width); count++; }
    return [count, count ? x / count : null, count ? y / count : null];
}"""


def lit(page, colour):
    """Pixels that have a colour of the theme among what moves."""
    return page.evaluate(SHOWN, [colour, 1])[0]


def middle(page, colour):
    """The mean x of what moves in a colour; None when nothing does."""
    return page.evaluate(SHOWN, [colour, 1])[1]


def chosen_spot(page):
    """Where the chosen node is in the window: the middle of what stands still in the accent colour."""
    box = page.locator(".map-picture").bounding_box()
    for _ in range(200):
        count, x, y = page.evaluate(SHOWN, ["accent", 0])
        if count:
            return box["x"] + x, box["y"] + y
        page.wait_for_timeout(50)
    raise AssertionError("no node is marked as chosen")


def until_lit(page, colour, is_lit=True, seconds=10):
    for _ in range(seconds * 20):
        if (lit(page, colour) > 0) == is_lit:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{colour} {'never appeared' if is_lit else 'stayed'}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_hinders_nobody(look, theme):
    faults = []
    for size in ("desktop", "phone"):
        network = home()
        network.nodes[0]["sev"], network.nodes[6]["sev"], network.nodes[9]["sev"] = 1, 2, 3
        visitor, stream = look(network, theme=theme, size=size)
        page = visitor.page
        page.wait_for_timeout(1000)
        edges = len(network.edges)
        for second in range(3):
            stream.second(flash=[[edge, 1 + edge % 4, 900, int(edge % 13 == 0), 0, 60] for edge in range(1 + second, edges, 5)])
            page.wait_for_timeout(500)
        stream.second(
            flash=[[edge, 2, 900, int(edge % 6 == 0), 0, 60] for edge in range(1, edges, 4)],
            alerts=[{"edge": 1, "sev": 1, "time": stream.now, "sid": 2031, "sig": "ET MALWARE Tiny C2 beacon", "event": "018f"}],
            errors=[{"edge": edges - 2, "time": stream.now, "method": "GET", "path": "/orders/17", "status": 400, "event": None}])  # fmt: skip
        until_lit(page, "good")
        visitor.shoot("map")
        faults += [f"{size}: {fault}" for fault in visitor.faults()]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"the map is wider than the {size}")
        page.keyboard.press("v")
        page.locator("tbody tr").first.wait_for()
        visitor.shoot("map-table")
        faults += [f"table on the {size}: {fault}" for fault in visitor.faults()]
    assert faults == []


def test_a_request_is_a_good_pulse_and_an_error_a_bad_one_and_both_end(look):
    visitor, stream = look(pair())
    page = visitor.page
    page.wait_for_timeout(500)
    assert lit(page, "good") == 0 and lit(page, "high") == 0
    stream.second(flash=[[1, 1, 500, 0, 0, 10]])
    until_lit(page, "good")
    assert lit(page, "high") == 0
    until_lit(page, "good", is_lit=False)
    stream.second(flash=[[1, 1, 500, 1, 0, 10]], errors=[{"edge": 1, "time": stream.now, "method": "GET", "path": "/x", "status": 400, "event": None}])
    until_lit(page, "high")
    assert lit(page, "good") == 0
    until_lit(page, "high", is_lit=False)
    listed = page.locator(".map-bad li")
    playwright().expect(listed).to_have_count(1)
    for text in ("tv", "nas", "400", "GET /x"):
        assert text in listed.inner_text()


def test_a_pulse_runs_from_the_source_to_the_destination(look):
    visitor, stream = look(pair())
    page = visitor.page
    page.wait_for_timeout(500)

    def way(edge):
        # 100 ms are stretched to two seconds.
        stream.second(flash=[[edge, 1, 500, 0, 0, 100]])
        seen = []
        until_lit(page, "good")
        while (x := middle(page, "good")) is not None:
            seen.append(x)
            page.wait_for_timeout(100)
        # The last sight is of the ripple around the destination.
        return seen[:-2]

    there, back = way(1), way(2)
    assert len(there) > 3 and len(back) > 3
    forward = [b - a > 0 for a, b in pairwise(there)]
    backward = [b - a > 0 for a, b in pairwise(back)]
    assert len(set(forward)) == 1 and len(set(backward)) == 1 and forward[0] != backward[0]


def test_names_from_the_wire_stay_text(look):
    network = pair()
    network.nodes[0]["name"] = HOSTILE
    visitor, stream = look(network, query="?host=192.168.178.20")
    page = visitor.page
    page.get_by_role("heading", name="<img").wait_for()
    stream.second(flash=[[1, 1, 500, 1, 1, 10]], alerts=[{"edge": 1, "sev": 1, "time": stream.now, "sid": 1, "sig": HOSTILE, "event": "018f"}])
    page.locator(".map-bad").get_by_text("<img src=x").first.wait_for()
    assert "owned" not in page.title() and page.locator("main img").count() == 0


def test_a_pause_holds_still_and_going_on_asks_for_a_snapshot(look):
    visitor, stream = look(pair())
    page = visitor.page
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused").wait_for()
    stream.second(flash=[[1, 1, 500, 1, 0, 10]])
    page.wait_for_timeout(300)
    assert lit(page, "high") == 0
    page.keyboard.press("Tab")
    page.locator(".map-picture").focus()
    page.keyboard.press(" ")
    page.get_by_text("Live", exact=True).wait_for()
    stream.second(flash=[[1, 1, 500, 0, 0, 10]])
    until_lit(page, "good")
    assert stream.received[-2:] == ["pause", "resume"]


def test_a_lost_stream_is_said_and_comes_back_by_itself(look):
    visitor, stream = look(pair())
    page = visitor.page
    stream.socket.close()
    page.get_by_text("The stream has stopped.").wait_for()
    page.get_by_text("Live", exact=True).wait_for()
    stream.second(flash=[[1, 1, 500, 0, 0, 10]])
    until_lit(page, "good")


def test_a_missing_second_is_noticed_and_never_shown_wrong(look):
    visitor, stream = look(pair())
    page = visitor.page
    stream.sequence += 5
    stream.second(flash=[[1, 1, 500, 1, 0, 10]])
    page.get_by_text("The stream has stopped.").wait_for()
    page.get_by_text("Live", exact=True).wait_for()
    assert page.locator(".map-bad li").count() == 0


def test_the_last_minutes_are_played_again(look):
    visitor, stream = look(pair())
    page = visitor.page
    for second in range(6):
        bad = int(second == 2)
        errors = [{"edge": 1, "time": stream.now, "method": "GET", "path": f"/{second}", "status": 500, "event": None}] if bad else []
        stream.second(flash=[[1, 1, 500, bad, 0, 10]], errors=errors)
    first = stream.deltas[0]["time"]
    page.get_by_role("button", name="Replay").click()
    page.get_by_text("Replay", exact=True).wait_for()
    slider = page.get_by_role("slider", name="Moment of the last 15 minutes")
    page.get_by_role("button", name="Pause").click()
    slider.press("End")
    page.get_by_text("GET /2").wait_for()
    slider.press("Home")
    playwright().expect(page.get_by_text("GET /2")).to_have_count(0)
    assert int(slider.get_attribute("aria-valuenow")) <= first + 2
    page.get_by_text("GET /2").wait_for()
    page.get_by_role("button", name="Live").click()
    page.get_by_text("Live", exact=True).wait_for()


def test_two_networks_are_two_regions_and_one_can_be_looked_at_alone(look):
    visitor, _ = look(home())
    page = visitor.page
    page.keyboard.press("v")
    rows = page.locator("tbody tr")
    rows.first.wait_for()
    everything = rows.count()
    page.get_by_label("Network").select_option("private")
    # Three connections inside, and one that comes from the public network.
    playwright().expect(rows).to_have_count(3)
    assert everything > 50 and "net=private" in page.url
    page.reload()
    playwright().expect(rows).to_have_count(3)


def test_only_what_is_bad_and_only_one_protocol_are_shown_on_demand(look):
    network = home()
    network.edges[4]["bad"] = 1
    visitor, _ = look(network, query="?view=table")
    page = visitor.page
    rows = page.locator("tbody tr")
    page.keyboard.press("b")
    playwright().expect(rows).to_have_count(1)
    page.keyboard.press("b")
    page.get_by_label("Protocol").select_option("smb")
    playwright().expect(rows).to_have_count(1)


def test_the_keyboard_walks_from_neighbour_to_neighbour_and_opens_a_host(look):
    visitor, _ = look(pair())
    page = visitor.page
    page.wait_for_timeout(500)
    page.locator(".map-picture").focus()
    page.keyboard.press("ArrowRight")
    heading = page.locator(".map-chosen h2")
    heading.wait_for()
    first = heading.inner_text()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert {"tv": "192.168.178.20", "nas": "192.168.178.30"}[heading.inner_text()] in page.url and first in ("tv", "nas")
    page.get_by_role("status").get_by_text("1 neighbours").wait_for(state="attached")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/hosts/192"))
    page.go_back()
    page.locator(".map-chosen h2").wait_for()
    page.keyboard.press("Escape")
    playwright().expect(page.locator(".map-chosen")).to_have_count(0)


def test_a_node_is_chosen_moved_and_opened_with_the_pointer(look):
    network = pair()
    network.edges.clear()
    visitor, _ = look(network)
    page = visitor.page
    page.wait_for_timeout(500)
    page.locator(".map-picture").focus()
    page.keyboard.press("ArrowRight")
    heading = page.locator(".map-chosen h2")
    heading.wait_for()
    name = heading.inner_text()
    x, y = chosen_spot(page)
    page.keyboard.press("Escape")
    playwright().expect(heading).to_have_count(0)
    page.mouse.click(x, y)
    playwright().expect(heading).to_have_text(name)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    moved = chosen_spot(page)
    assert abs(moved[0] - x - 60) < 4 and abs(moved[1] - y - 40) < 4
    page.mouse.dblclick(*moved)
    page.wait_for_url(re.compile(r"/hosts/192"))


def test_the_map_fills_the_screen_on_demand(look):
    visitor, _ = look(pair())
    page = visitor.page
    page.get_by_role("button", name="Full screen").click()
    for _ in range(100):
        if page.evaluate("document.fullscreenElement?.className") == "map ":
            break
        page.wait_for_timeout(50)
    assert page.locator(".map").bounding_box()["height"] == page.evaluate("innerHeight")


def test_who_wants_no_motion_sees_lines_light_up_instead(look):
    visitor, stream = look(pair())
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    stream.second(flash=[[1, 1, 500, 0, 0, 100]])
    until_lit(page, "good")
    first = middle(page, "good")
    page.wait_for_timeout(300)
    assert middle(page, "good") in (first, None)
    until_lit(page, "good", is_lit=False)


def test_places_stay_over_a_reload(look):
    visitor, _ = look(home())
    page = visitor.page
    places = "localStorage.getItem('map-places')"
    for _ in range(100):
        if before := page.evaluate(places):
            break
        page.wait_for_timeout(50)
    page.reload()
    page.get_by_text("Live", exact=True).wait_for()
    page.wait_for_timeout(2000)
    assert page.evaluate(places) == before


def test_what_is_left_out_is_said_as_long_as_it_is(look):
    visitor, stream = look(pair())
    page, expect = visitor.page, playwright().expect
    state = page.locator(".map-state")
    # The age is that of the service's clock, whatever the clock of who looks says.
    clock = {"time": stream.now + 7_200, "newest": stream.now + 7_200 - 90}
    stats = {"type": "stats", "events_per_s": 60_000, "shown": 20_000, "reason": None, **clock}
    stream.send({**stats, "dropped": 40_000, "sampling": 3})
    stream.second(capped={"nodes": 123, "edges": 0})
    expect(state).to_contain_text("sampled 1:3")
    expect(state).to_contain_text("others (123)")
    expect(state).to_contain_text("90 s old")
    stream.send({**stats, "dropped": 0, "sampling": 1})
    stream.second(capped=None)
    expect(state).to_contain_text("all shown")


def test_two_nodes_with_one_key_are_told_apart(look):
    network = Network(["one", "two"])
    shops = [network.node("service:shop", "service", "shop", name, own=True) for name in ("one", "two")]
    network.edge(*shops)
    visitor, _ = look(network, query="?view=table")
    page, chosen = visitor.page, visitor.page.locator(".map-chosen")
    for place, name in enumerate(("one", "two")):
        page.locator("tbody tr button").nth(place).click()
        playwright().expect(chosen).to_contain_text(f"Service in {name}")
    page.reload()
    playwright().expect(chosen).to_contain_text("Service in two")


def test_the_time_bar_shows_what_came_while_the_stream_was_lost(look):
    visitor, stream = look(pair())
    bars = visitor.page.locator(".map-timeline .bar")
    playwright().expect(bars).to_have_count(0)
    stream.deltas.append({"type": "delta", "seq": 2, "time": stream.now - 60, "flash": [[1, 9, 500, 0, 0, 10]]})
    stream.socket.close()
    playwright().expect(bars).to_have_count(1)


def test_a_line_is_no_longer_marked_when_its_alert_is_triaged(look):
    network = pair()
    network.edges[0].update(sev=1, bad=1)
    visitor, _ = look(network)
    marks = visitor.page.evaluate("""async (network) => {
        const { Graph } = await import(new URL("map/graph.js", document.querySelector("script[type=module]").src)), graph = new Graph();
        const marked = (sev) => {
            graph.replace({ ...network, nodes: network.nodes.map((node) => ({ ...node, sev })) });
            return [...graph.edges.values()].map((edge) => graph.isAlarming(edge));
        };
        return [marked(1), marked(0)];
    }""", {"nodes": network.nodes, "edges": network.edges})
    assert marks == [[True, False], [False, False]]


def test_many_nodes_offer_a_table(look):
    visitor, _ = look(crowd(600, 300))
    visitor.page.get_by_role("button", name="Show the table").click()
    visitor.page.locator("tbody tr").first.wait_for()


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """The example services as processes: the port of their proxies, and the settings of the map that shows them."""
    folder, port = tmp_path_factory.mktemp("examples"), free_port()
    running = subprocess.Popen(
        [REPOSITORY / "deploy/example-services/without-docker", folder], stdout=subprocess.PIPE, text=True,
        env={**clean_environment(), "EXAMPLE_PORT": str(port), "IDS_BIN_DIR": str(BINARIES)})
    try:
        assert "run" in running.stdout.readline()
        yield port, yaml.safe_load((folder / "map.yaml").read_text())["map"]
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture
def followed(browser, pages, examples, tmp_path):
    """A page on a map of the example services, as anybody on the network may open it, and the port of their proxies."""
    port, settings = examples
    server = ControlPlane(tmp_path, tls="off", pages_dir=str(pages), sections={"map": {**settings, "public_on_lan": True}})
    server.start().until_ready()
    server.set_up("ana")
    visitor = Visitor(browser, server.origin, theme="dark")
    yield visitor, port
    visitor.close()
    server.kill()
    assert visitor.complaints == []


def ask(port, path, proxy="127.77.1.2"):
    connection = http.client.HTTPConnection(proxy, port, timeout=20)
    connection.request("GET", path)
    return connection.getresponse().status


def test_who_has_not_logged_in_sees_the_map_where_that_is_allowed(followed):
    visitor, _ = followed
    page = visitor.visit("/map")
    page.get_by_text("Live", exact=True).wait_for()
    assert page.get_by_label("Navigation").count() == 0
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Password").wait_for()


def test_a_router_is_shown_as_a_gateway(look):
    visitor, _ = look(home())
    page = visitor.page
    page.locator(".map-legend").get_by_text("Gateway", exact=True).wait_for()
    visitor.shoot("map-gateway")
    page.keyboard.press("v")
    page.locator("tbody tr").filter(has_text="fritz.box").first.get_by_text("Gateway", exact=True).wait_for()
    page.locator("tbody").get_by_role("button", name="fritz.box").first.click()
    page.get_by_role("status").filter(has_text="fritz.box, Gateway, 18 neighbours").wait_for(state="attached")


def test_real_requests_between_services_flash_red_on_400_and_are_listed(followed):
    visitor, port = followed
    page = visitor.visit("/map?alone")
    until_lit(page, "good", seconds=30)
    until_lit(page, "high", seconds=30)
    assert page.get_by_label("Navigation").count() == 0
    assert page.locator(".map").bounding_box() == {"x": 0, "y": 0, "width": 1440, "height": 900}
    for frame in range(12):
        visitor.shoot(f"map-frame-{frame:02}")
        page.wait_for_timeout(80)
    listed = page.locator(".map-bad li")
    refused = listed.filter(has_text="GET /non-communicating-service").first
    refused.get_by_text("400").wait_for()
    for name in ("communicating-service", "non-communicating-service"):
        refused.get_by_text(name, exact=True).wait_for()
    assert ask(port, "/communicating-service/known") in (200, 400)
    assert ask(port, "/nowhere?a=b") == 404
    lost = listed.filter(has_text="GET /nowhere").first
    lost.get_by_text("404").wait_for()
    lost.get_by_text("127.0.0.1", exact=True).wait_for()
    page.keyboard.press("v")
    row = page.locator("tbody tr").filter(has_text="127.0.0.1").filter(has_text="communicating-service").first
    row.wait_for()
    page.get_by_label("Network").select_option("two")
    page.locator("tbody tr").first.wait_for()
    playwright().expect(page.locator("tbody tr").filter(has_text="127.0.0.1")).to_have_count(0)


def test_a_real_stream_pauses_goes_on_and_is_played_again(followed):
    visitor, _ = followed
    page = visitor.log_in("ana", PASSWORD)
    page.keyboard.press("g")
    page.keyboard.press("m")
    listed = page.locator(".map-bad li")
    listed.first.wait_for(timeout=30_000)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused", exact=True).wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Live", exact=True).wait_for()
    until_lit(page, "good", seconds=30)
    page.get_by_role("button", name="Replay").click()
    page.get_by_text("Replay", exact=True).wait_for()
    page.get_by_role("slider", name="Moment of the last 15 minutes").press("End")
    listed.filter(has_text="400").first.wait_for()
    page.get_by_role("button", name="Live").click()
    page.get_by_text("Live", exact=True).wait_for()
