"""Where GitHub's pages and its API are."""

import pytest

from integrations.github.addresses import api_address, line_address


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://www.github.com/", "https://api.github.com"),
        ("", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://ghe.example.com/", "https://ghe.example.com/api/v3"),
        ("https://ghe.example.com:8443", "https://ghe.example.com:8443/api/v3"),
        ("https://github.com.evil.example", "https://github.com.evil.example/api/v3"),
    ],
)
def test_the_api_is_where_github_has_it(base_url, expected):
    assert api_address(base_url) == expected


def test_the_page_of_a_line_is_named_by_commit_and_path():
    address = line_address(
        base_url="https://github.com",
        repository="acme/shop",
        path="docs/read me#1.md",
        commit="a" * 40,
        line=7,
    )

    expected = f"https://github.com/acme/shop/blob/{'a' * 40}/docs/read%20me%231.md?plain=1#L7"
    assert address == expected
