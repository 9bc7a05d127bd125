"""The pages of control-plane in Debian's Chromium, over events that went through the whole pipeline."""

import gzip
from datetime import datetime, timedelta, timezone

import pytest

from support import eve
from support.control_plane import PASSWORD, ControlPlane
from support.pages import Visitor, playwright
from support.stack import Stack
from support.waiting import until

EVENTS = 400
# What an attacker writes into everything that is shown: it has to stay text.
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def plane(tmp_path_factory, pages):
    """A control plane over a store with events of the last hour, some of them hostile; its admin is ana."""
    playwright()
    stack = Stack()
    began = datetime.now(timezone.utc) - timedelta(minutes=50)
    lines = [eve.line(number, time=began + timedelta(seconds=6 * number)) for number in range(EVENTS)]
    lines.append(eve.line(EVENTS, "http", time=began + timedelta(minutes=45), http={
        "hostname": HOSTILE, "url": "/" + HOSTILE, "http_user_agent": HOSTILE, "http_method": "GET", "status": 200}))
    lines.append(eve.line(EVENTS + 1, "alert", time=began + timedelta(minutes=46), alert={
        "action": "allowed", "gid": 1, "signature_id": 9100000, "rev": 1, "severity": 1, "signature": HOSTILE, "category": HOSTILE}))
    eve.append(stack.eve, b"".join(lines))
    stack.start()
    plane = None
    try:
        stack.until_stored(len(lines), 30)
        plane = ControlPlane(tmp_path_factory.mktemp("plane"), tls="off", pages_dir=str(pages), sections={
            "sqlite": {"path": str(stack.store)}, "redis": {"host": "127.0.0.1", "port": stack.redis.port, "prefix": f"{stack.name}:"}})
        plane.start().until_ready()
        ana, alerts = plane.set_up("ana"), sum(b'"event_type":"alert"' in line for line in lines)
        until(lambda: sum(group["count"] for group in ana.get("/groups?limit=100").json["groups"]) == alerts, "all alerts to be in the inbox", 30)
        yield plane
    finally:
        if plane:
            plane.kill()
        stack.close()


@pytest.fixture
def visit(browser, plane):
    """Opens a browser for the test; at its end no console may have complained."""
    visitors = []

    def open_browser(log_in=True, origin=plane.origin, **options):
        visitor = Visitor(browser, origin, **options)
        visitors.append(visitor)
        if log_in:
            visitor.log_in("ana", PASSWORD)
        return visitor

    yield open_browser
    for visitor in visitors:
        visitor.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def test_the_first_start_leads_from_the_code_to_the_overview(browser, tmp_path, pages):
    plane = ControlPlane(tmp_path, tls="off", pages_dir=str(pages)).start().until_ready()
    visitor = Visitor(browser, plane.origin)
    try:
        page = visitor.visit("/")
        page.get_by_role("heading", name="Welcome").wait_for()
        assert visitor.faults() == []
        page.get_by_label("Set-up code").fill("WRONG-WRONG")
        page.get_by_label("Name").fill("ana")
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("Set-up code").fill(plane.setup_code)
        page.get_by_role("button", name="Make the account").click()
        page.get_by_role("heading", name="Overview").wait_for()
        assert [complaint for complaint in visitor.complaints if "403" not in complaint] == []
    finally:
        visitor.close()
        plane.kill()


def test_one_logs_in_and_out(visit):
    visitor = visit()
    page = visitor.page
    page.get_by_role("button", name="ana, admin").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    page = visitor.visit("/events")
    page.get_by_role("heading", name="Log in").wait_for()


PAGES = {"overview": "/", "inbox": "/inbox", "events": "/events", "hosts": "/hosts", "map": "/map", "rules": "/rules", "pipeline": "/pipeline",
         "dead-letters": "/pipeline/dead-letters", "configuration": "/configuration", "system": "/system", "people": "/users", "audit": "/audit",
         "account": "/account", "about": "/about"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_hinders_people(visit, theme):
    faults = []
    for size in ("desktop", "phone"):
        visitor = visit(theme=theme, size=size)
        for name, path in PAGES.items():
            page = visitor.visit(path)
            page.get_by_role("heading", level=1).wait_for()
            page.wait_for_load_state("networkidle")
            visitor.shoot(name)
            faults += [f"{name} on the {size}: {fault}" for fault in visitor.faults()]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append(f"{name} is wider than the {size}")
    assert faults == []


def test_alerts_are_archived_with_keys_alone_and_taken_back(visit):
    visitor = visit()
    page = visitor.page
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.get_by_role("heading", name="Inbox").wait_for()
    rows = page.locator("tbody tr")
    rows.first.wait_for()
    before = rows.count()
    for key in ("j", "x", "j", "x", "e"):
        page.keyboard.press(key)
    page.get_by_text("2 groups archived").wait_for()
    playwright().expect(rows).to_have_count(before - 2)
    page.keyboard.press("z")
    playwright().expect(rows).to_have_count(before)


def test_a_search_is_completed_mended_and_followed_to_one_event(visit):
    visitor = visit()
    page = visitor.visit("/events")
    page.get_by_role("heading", name="Events").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("sn")
    page.get_by_role("option", name="sni:").click()
    page.keyboard.type("s7")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="sni:s7").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("http://s7")
    page.keyboard.press("Escape")
    visitor.visit("/events?q=snni:s7*")
    page.get_by_role("button", name="sni", exact=True).click()
    page.get_by_role("button", name="sni:s7*").wait_for()
    page.locator("tbody tr").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_text("opened an encrypted connection to").wait_for()
    page.get_by_role("tab", name="JSON").click()
    page.get_by_text('"server_name"').wait_for()
    visitor.shoot("event")
    assert visitor.faults() == []
    page.go_back()
    page.locator("tr.current, tbody tr").first.wait_for()


def test_what_people_keep_is_used_changed_and_taken_back(visit):
    visitor = visit()
    page = visitor.visit("/events?q=type:dns")
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_role("button", name="Save this search").click()
    page.get_by_label("Name").fill("Names asked for")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_text("Saved as").wait_for()
    page = visitor.visit("/inbox")
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_role("button", name="Names asked for type:dns").click()
    page.get_by_text("No open group fits this search.").wait_for()
    page.get_by_role("button", name="Saved searches").click()
    assert visitor.faults() == []
    page.get_by_role("button", name="Delete Names asked for").click()
    page.get_by_text("is deleted").wait_for()
    page = visitor.visit("/rules")
    page.get_by_role("button", name="Archive new alerts of LOCAL test rule 1").click()
    page.get_by_label("For how long").select_option("7")
    assert visitor.faults() == []
    page.get_by_role("button", name="Archive them").click()
    page.get_by_text("archived as they come").wait_for()
    visitor.shoot("rules")
    page.get_by_role("button", name="End").click()
    page.get_by_text("There is none").wait_for()
    page = visitor.visit("/hosts?own=true")
    page.locator("tbody tr a").first.click()
    page.get_by_role("button", name="Name it").click()
    page.get_by_label("Name").fill("Television")
    page.get_by_label("Notes").fill("In the living room")
    assert visitor.faults() == []
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("heading", name="Television").wait_for()
    visitor.shoot("host")


def test_what_attackers_write_stays_text(visit):
    visitor = visit()
    for path in ("/inbox", "/events", "/events?q=type:http", "/"):
        page = visitor.visit(path)
        page.wait_for_load_state("networkidle")
        assert "owned" not in page.title() and page.locator("main img").count() == 0
    page = visitor.visit("/inbox")
    page.get_by_text("<img src=x").first.click()
    page.get_by_role("heading", name="Rule").wait_for()
    page.wait_for_load_state("networkidle")
    assert "owned" not in page.title() and page.locator("main img").count() == 0


def test_somebody_is_added_and_may_do_only_what_the_role_allows(visit):
    page = visit().visit("/users")
    page.get_by_role("button", name="Add somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("vera")
    dialog.get_by_label("First password").fill(PASSWORD)
    dialog.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("vera can log in").wait_for()
    other = visit(log_in=False)
    page = other.log_in("vera", PASSWORD)
    assert page.get_by_role("link", name="People").count() == 0
    page = other.visit("/inbox")
    page.get_by_role("checkbox", name="Select all").check()
    assert page.get_by_role("button", name="Archive").first.is_disabled()


def test_who_came_by_a_link_chooses_a_password_when_one_is_asked_for(browser, tmp_path, pages):
    plane = ControlPlane(tmp_path, tls="off", pages_dir=str(pages)).start().until_ready()
    visitor = Visitor(browser, plane.origin)
    try:
        page = visitor.visit("/login#" + plane.command("login-link").stdout.partition("#")[2].strip())
        page.get_by_role("heading", name="Overview").wait_for()
        page = visitor.visit("/users")
        page.get_by_role("button", name="Add somebody").click()
        adding = page.get_by_role("dialog", name="Add somebody")
        adding.get_by_label("Name").fill("vera")
        adding.get_by_label("First password").fill(PASSWORD)
        # As it answers when the log-in is more than five minutes ago.
        page.route("**/api/v1/users", lambda route: route.fulfill(
            status=403, content_type="application/problem+json", body='{"status": 403, "title": "Forbidden", "part": "confirmation"}'), times=1)
        adding.get_by_role("button", name="Add", exact=True).click()
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Set it and go on").click()
        page.get_by_text("vera can log in").wait_for()
        page = visitor.visit("/account")
        page.get_by_label("Now").wait_for()
    finally:
        visitor.close()
        plane.kill()


def test_the_api_is_drawn_for_people(visit):
    page = visit().visit("/docs")
    page.locator(".opblock-tag").first.wait_for()


def places_of(page):
    """Path and name of everything in the rail."""
    links = page.get_by_role("navigation", name="Pages").locator("a")
    return dict(links.evaluate_all("links => links.map(link => [link.pathname, link.querySelector('span').textContent])"))


def test_every_page_is_reached_from_a_phone_by_touch_and_keyboard(visit):
    wanted = places_of(visit().page)
    visitor = visit(size="phone", has_touch=True)
    page = visitor.page
    below = page.get_by_role("navigation", name="Pages")
    shown = {path for path in wanted if below.locator(f'a[href="{path}"]').is_visible()}
    assert {"/", "/inbox", "/events"} <= shown and len(shown) <= 4
    for box in below.locator("a:visible, button:visible").evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())"):
        assert box["left"] >= 0 and box["right"] <= 390 and box["width"] >= 44 and box["height"] >= 44
    for path, name in wanted.items():
        if path in shown:
            below.locator(f'a[href="{path}"]').tap()
        else:
            below.get_by_role("button", name="More").tap()
            page.get_by_role("dialog", name="More").get_by_role("link", name=name, exact=True).tap()
            page.get_by_role("dialog").wait_for(state="detached")
        page.wait_for_url(f"{visitor.origin}{path}")
        page.get_by_role("heading", name=name, level=1, exact=True).wait_for()
    more = below.get_by_role("button", name="More")
    more.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="More")
    sheet.wait_for()
    assert visitor.faults() == []
    visitor.shoot("more")
    page.keyboard.press("Escape")
    sheet.wait_for(state="detached")
    assert more.evaluate("button => button === document.activeElement")
    page.keyboard.press("Enter")
    sheet.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Escalated", level=1).wait_for()


def test_every_page_is_reached_by_two_keys_that_the_list_of_keys_names(visit):
    page = visit().page
    wanted = places_of(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    dialog.wait_for()
    named = dict(dialog.locator("section").first.locator("div").evaluate_all(
        "rows => rows.map(row => [row.querySelector('span').textContent, row.querySelector('kbd').textContent])"))
    assert list(named) == list(wanted.values()) and len(set(named.values())) == len(named)
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    for path, name in reversed(wanted.items()):
        for key in named[name].split():
            page.keyboard.press(key)
        page.wait_for_url(f"**{path}")
        page.get_by_role("heading", name=name, level=1, exact=True).wait_for()


def test_all_groups_are_selected_on_a_phone_and_the_actions_stay_in_reach(visit):
    visitor = visit(size="phone", theme="dark", has_touch=True)
    page = visitor.visit("/inbox")
    rows = page.locator("tbody tr")
    rows.first.wait_for()
    page.get_by_text("Select all").tap()
    page.get_by_text(f"{rows.count()} selected").wait_for()
    rows.last.scroll_into_view_if_needed()
    playwright().expect(page.get_by_role("button", name=f"Archive {rows.count()}")).to_be_in_viewport()
    visitor.shoot("inbox-selected")
    assert visitor.faults() == []
    page.get_by_role("button", name="None").tap()
    playwright().expect(page.get_by_role("checkbox", name="Select all")).not_to_be_checked()


def test_the_scripts_of_each_page_are_small(visit, pages):
    visitor = visit()
    for path in [*PAGES.values(), "/configuration?show=text"]:
        page = visitor.visit(path)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        loaded = page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname).filter(path => path.endsWith('.js'))")
        assert any(name.endswith("/app.js") for name in loaded)
        sizes = {name: len(gzip.compress(pages.joinpath(*name.split("/")[3:]).read_bytes())) for name in set(loaded)}
        assert sum(sizes.values()) < 150_000, (path, sizes)
