"""A browser that looks at pages of control-plane, and is not content with pages that complain."""

from functools import cache
from pathlib import Path

import pytest

from .aws import modules_of
from .processes import REPOSITORY

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = REPOSITORY / "build/screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@cache
def playwright():
    """Playwright's module, with axe beside it; skips where either it or Debian's Chromium cannot be had."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium (Debian: chromium)")
    modules_of("browser")
    from playwright import sync_api

    return sync_api


class Visitor:
    """One person's browser; `complaints` is everything that its console has said."""

    def __init__(self, chromium, origin, theme="light", size="desktop", **options):
        width, height = SIZES[size]
        self.origin, self.theme, self.size = origin, theme, size
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, ignore_https_errors=True, **options)
        self.context.set_default_timeout(15_000)
        self.complaints = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def visit(self, path):
        self.page.goto(self.origin + path)
        return self.page

    def shoot(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.theme}-{self.size}.png")

    def faults(self):
        """What hinders people with other eyes and hands on the page that is open, as axe finds it."""
        from axe_playwright_python.sync_playwright import Axe

        # Colours are between two while something fades in.
        self.page.evaluate(
            "Promise.all(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 10_000)"
            ".map(one => one.finished.catch(() => null)))")
        found = Axe().run(self.page).response["violations"]
        return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]

    def log_in(self, name, password):
        page = self.visit("/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="Overview").wait_for()
        return page

    def close(self):
        self.context.close()
