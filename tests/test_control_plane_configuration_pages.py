"""The page of the configuration in Debian's Chromium: form, text, trial and history."""


import pytest

from support.configured_box import Box
from support.control_plane import PASSWORD
from support.pages import Visitor


@pytest.fixture(scope="module")
def box(tmp_path_factory, pages):
    box = Box(tmp_path_factory.mktemp("box"), pages_dir=str(pages))
    try:
        yield box.start()
    finally:
        box.stop()


@pytest.fixture
def visit(browser, box):
    """Opens a browser of ana; at its end no console may have complained."""
    visitors = []

    def open_browser(name="ana", **options):
        visitor = Visitor(browser, box.plane.origin, **options)
        visitors.append(visitor)
        visitor.log_in(name, PASSWORD)
        visitor.visit("/configuration")
        visitor.page.get_by_role("heading", name="Batches").wait_for()
        return visitor

    yield open_browser
    for visitor in visitors:
        visitor.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def test_a_slider_is_reviewed_applied_and_kept_and_the_history_brings_it_back(box, visit):
    page = visit().page
    page.get_by_label("Lines in a batch").press("ArrowLeft")
    page.get_by_role("button", name="Review changes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("batch_events: 1000").wait_for()
    dialog.get_by_text("To be started anew by you: eve-reader").wait_for()
    dialog.get_by_label("Why").fill("sooner <b>there</b>")
    dialog.get_by_role("button", name="Apply").click()
    page.get_by_text("docker compose restart eve-reader").wait_for()
    assert page.get_by_label("Lines in a batch").is_disabled()
    box.reader.restart().until_ready()
    page.get_by_text("is on trial").wait_for(state="detached", timeout=30_000)
    page.get_by_role("tab", name="History").click()
    page.get_by_role("row", name="sooner <b>there</b>").get_by_role("button").click()
    dialog.get_by_text("batch_events: 1000").wait_for()
    dialog.get_by_role("button", name="Close").last.click()
    page.get_by_role("row").last.get_by_role("button").click()
    dialog.get_by_role("button", name="Put this text in force again").click()
    page.get_by_text("is on trial").wait_for()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("is on trial").wait_for(state="detached")
    assert "batch_events: 1000" in box.text


def test_mistakes_stand_on_their_lines_and_hinder_the_way_on(box, visit):
    page = visit().page
    page.get_by_role("tab", name="Text").click()
    editor = page.locator(".CodeMirror")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("log:\n  level: loud\n")
    page.locator(".finding.error", has_text="log.level").wait_for()
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="This would not work")
    dialog.get_by_text("one of `debug`").wait_for()
    assert dialog.get_by_role("button", name="Apply").is_disabled()
    dialog.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Discard").click()
    page.locator(".finding").first.wait_for(state="detached")
    assert "loud" not in box.text


def test_a_secret_is_replaced_without_being_seen(box, visit):
    page = visit().page
    page.get_by_label("Find a key").fill("redis.password")
    assert box.secret not in page.content()
    page.get_by_role("button", name="Replace").click()
    page.get_by_placeholder("The new one").fill("another one")
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("dialog").get_by_text("Replaced, and not shown: redis.password").wait_for()
    assert "another one" not in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Replace").wait_for()


def test_who_may_not_change_it_sees_it(box, visit):
    assert box.ana.post("/users", {"name": "vic", "role": "viewer", "password": PASSWORD}).status == 201
    page = visit("vic").page
    assert page.get_by_label("Lines in a batch").is_disabled()
    assert page.get_by_role("button", name="Review changes").get_attribute("title") == "This needs the role admin."
    page.get_by_role("tab", name="Text").click()
    page.locator(".CodeMirror", has_text="eve_reader").wait_for()
    assert box.secret not in page.content()


def test_whoever_comes_second_is_told_and_overwrites_nothing(box, visit):
    visitor = visit()
    page = visitor.page
    page.get_by_label("Lines in a batch").press("ArrowLeft")
    box.plane.config.write_text(box.text + "# by hand\n")
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    page.get_by_role("alert").get_by_text("has changed since you opened it").wait_for()
    assert box.text.endswith("# by hand\n")
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    # The browser itself tells of an answer that is no success.
    assert len(visitor.complaints) == 1 and "412" in visitor.complaints.pop()


@pytest.mark.parametrize("theme, size", [("light", "desktop"), ("dark", "desktop"), ("dark", "phone")])
def test_it_can_be_read_by_everybody(box, visit, theme, size):
    visitor = visit(theme=theme, size=size)
    page = visitor.page
    faults = {}

    def look(name):
        visitor.shoot(name)
        faults[name] = visitor.faults()

    look("configuration")
    page.get_by_label("poll_ms").first.fill("200")
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("dialog").get_by_text("poll_ms: 200").wait_for()
    look("configuration-review")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Text").click()
    page.locator(".CodeMirror").wait_for()
    page.keyboard.press("Escape")
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("log:\n  level: loud\n")
    page.locator(".finding.error").wait_for()
    look("configuration-text")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("tab", name="History").click()
    page.get_by_role("table").wait_for()
    look("configuration-history")
    number = box.apply({"eve_reader.poll_ms": "400"})["number"]
    page.reload()
    page.get_by_text("is on trial").wait_for()
    look("configuration-trial")
    box.ana.post(f"/config/revisions/{number}/rollback", {})
    assert faults == {name: [] for name in faults}
