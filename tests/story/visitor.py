"""An admin at the pages of a running platform, without a browser."""

import re

import requests

from tests.story.platform import ADMIN

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """Signs in as the admin of a tenant, and sends the forms of its pages."""

    def __init__(self, platform, tenant):
        self._session = requests.Session()
        self._home = f"{platform.url}/orgs/{tenant.slug}"
        page = self._session.get(f"{self._home}/findings", timeout=30)
        fields = {"login": ADMIN["email"], "password": ADMIN["password"]}
        answer = self._send(page.url, page.text, fields)
        assert answer.url == f"{self._home}/findings", answer.text

    def send(self, page, form, **fields):
        """Open a page, send one of its forms, and return what comes back."""
        shown = self._session.get(f"{self._home}/{page}", timeout=30)
        answer = self._send(f"{self._home}/{form}", shown.text, fields)
        assert answer.ok, answer.text
        return answer.text

    def first_id(self, page, pattern):
        """Return the first number that a page has where the pattern's group stands."""
        shown = self._session.get(f"{self._home}/{page}", timeout=30)
        return re.search(pattern, shown.text).group(1)

    def _send(self, url, page, fields):
        token = TOKEN.search(page).group(1)
        return self._session.post(
            url,
            {"csrfmiddlewaretoken": token, **fields},
            headers={"Referer": url},
            timeout=60,
        )
