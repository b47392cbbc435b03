"""What every visit does: sign in, and look closely."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories import PASSWORD

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
# Both sizes and both schemes, in half the time of all four: colors do not change with the size.
CHECKED = {("wide", "light"), ("narrow", "dark")}


def sign_in(page):
    page.goto("/orgs/acme/findings")
    page.get_by_label("Email").fill("ada@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()


def look_at(page, name):
    """Keep pictures of the page at every size in both color schemes; have axe find nothing wrong.

    Look last: axe leaves style attributes behind, which htmx would copy against the policy.
    """
    before = page.viewport_size
    SCREENSHOTS.mkdir(exist_ok=True)
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{scheme}.png", full_page=True)
            if (size, scheme) in CHECKED:
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
        is_too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not is_too_wide, f"{name} scrolls sideways"
    page.set_viewport_size(before)
