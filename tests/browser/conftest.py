"""A browser, and Acme as its visitors find it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tenants.models import Role
from tenants.scope import organization_scope
from tests.browser.pages import SIZES
from tests.browser.scene import build_scene
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

HERE = Path(__file__).resolve().parent
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """Mark what drives the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(
            f"no browser at {CHROMIUM}: install Debian's chromium, or name one with CHROMIUM="
        )
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread; Django would take its own calls for asynchronous.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def house(transactional_db, tmp_path):
    """Acme with its scene, and Ada, who may do everything."""
    organization = OrganizationFactory(slug="acme", name="Acme")
    with organization_scope(organization.id):
        MembershipFactory(user=UserFactory(email="ada@acme.example", name="Ada"), role=Role.ADMIN)
        yield build_scene(tmp_path / "shop")


@pytest.fixture
def visit(browser, live_server):
    """Return a function that opens a page of the browser which must stay free of errors."""
    contexts, errors = [], []

    def open_page(size="wide"):
        context = browser.new_context(
            base_url=live_server.url, viewport=SIZES[size], color_scheme="light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: errors.append(line.text) if _is_error(line) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def _is_error(line):
    """Say whether the console tells of an error; a form that is refused is none."""
    return line.type == "error" and "status of 422" not in line.text
