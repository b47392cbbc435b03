"""Comments on our pages look as at the code host, and bring nothing along."""

import re

import pytest

from notifications.rendering import comment_html
from tests.notifications.bodies_made import bodies

BODIES = bodies()


@pytest.mark.parametrize("name", BODIES)
def test_a_comment_is_shown_whole_and_without_its_mark(name):
    html = comment_html(BODIES[name])

    assert html.count("<details>") == html.count("</details>") == BODIES[name].count("\n<summary>")
    assert "<!--" not in html


def test_a_suggestion_is_shown_by_its_lines():
    html = comment_html("```suggestion:-1+0\nx = <1>\ny\n```")

    assert "Suggested change" in html
    assert '<span class="diff-line diff-added">+ x = &lt;1&gt;\n</span>' in html
    assert '<span class="diff-line diff-added">+ y\n</span>' in html


def test_a_difference_is_shown_by_its_signs():
    html = comment_html("```diff\n-a\n+b\n c\n```")

    assert '<span class="diff-line diff-removed">- a\n</span>' in html
    assert '<span class="diff-line diff-added">+ b\n</span>' in html
    assert '<span class="diff-line">  c\n</span>' in html


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/p.gif)",
        "<details ontoggle=alert(1) open><summary>x</summary></details>",
        "[x](javascript:alert(1))",
        "<a href='data:text/html,x'>x</a>",
        "<style>p{}</style><p style='x' class='button' id='main'>x</p>",
        "<form action=/x><input name=x><button>x</button></form>",
        "<iframe src=https://evil.example></iframe><svg onload=alert(1)>",
        "```python' onmouseover='x\nx\n```",
        "```suggestion\n</code></pre><script>x</script>\n```",
    ],
)
def test_nothing_that_acts_reaches_the_page(body):
    html = comment_html(body)

    acts = r"<(script|img|style|form|input|button|iframe|svg)|\son\w+=|href=.?(java|data)|style="
    assert not re.search(acts, re.sub(r"&lt;.*?&gt;", "", html))
    assert 'id="main"' not in html
    assert 'class="button"' not in html
